"""Rewards 绑定奖励, 推荐奖励 (SPEC 7): what bound merchants and referrers earn from other people's points, as vouchers.

Net points are summed per earner and business date first, then the rate of that day applies, R2: three purchases of
0.10 points at 5 % earn 0.01 together, not three times nothing. Refunds take back at the rate of their own day.
"""

from collections.abc import Callable
from typing import Final

import polars as pl

from schemas.rulebook import Rulebook, Rules
from schemas.units import WIDE
from transforms.books.ledger import posted
from transforms.exact.rounding import toward_zero
from transforms.exact.versions import value_by_version, version_on

EARNERS: Final[dict[str, tuple[str, str, Callable[[Rules], int]]]] = {
    "binding_reward": ("bound_merchant_id", "merchant", lambda rules: rules.binding.rate),
    "referral_reward": ("referrer_id", "member", lambda rules: rules.referral.rate),
}
"""Per kind: the column of `transactions` that names who earns, what that is, and the rate."""


def earner_points(transactions: pl.DataFrame) -> pl.DataFrame:
    """Net points that others' rows count for who earns from them: kind, business_date, holder_id, points_fen (128
    bits)."""
    return pl.concat(
        transactions.lazy()
        .filter(pl.col(earner).is_not_null())
        .group_by("business_date", holder_id=earner)
        .agg(points_fen=pl.col("points_fen").cast(WIDE).sum())
        .select(pl.lit(kind).alias("kind"), "business_date", "holder_id", "points_fen")
        for kind, (earner, _, _) in EARNERS.items()
    ).collect()


def reward_postings(points: pl.DataFrame, rulebook: Rulebook, buckets: int) -> pl.DataFrame:
    """Ledger rows of kinds binding_reward and referral_reward; `points`: rows of `earner_points`, any number each."""
    return pl.concat(
        posted(_rewards(points.filter(pl.col("kind") == kind), rulebook, rate), holder, "voucher", kind, buckets)
        for kind, (_, holder, rate) in EARNERS.items()
    )


def _rewards(points: pl.DataFrame, rulebook: Rulebook, rate: Callable[[Rules], int]) -> pl.DataFrame:
    """business_date, holder_id, amount_fen."""
    total = points.group_by("business_date", "holder_id").agg(pl.col("points_fen").sum())
    version = version_on(pl.col("business_date"), rulebook)
    of_day = value_by_version(version, rulebook, rate, pl.Int64)
    return total.select("business_date", "holder_id", amount_fen=toward_zero(pl.col("points_fen") * of_day))
