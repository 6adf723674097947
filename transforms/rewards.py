"""Rewards 绑定奖励, 推荐奖励 (SPEC 7): what bound merchants and referrers earn from other people's points, as vouchers.

Net points are summed per earner and business date first, then the rate of that day applies, R2: three purchases of
0.10 points at 5 % earn 0.01 together, not three times nothing. Refunds take back at the rate of their own day.
"""

from collections.abc import Callable

import polars as pl

from schemas.rulebook import Rulebook, Rules
from schemas.units import WIDE
from transforms.ledger import posted
from transforms.rounding import toward_zero
from transforms.versions import value_by_version, version_on


def reward_postings(transactions: pl.DataFrame, rulebook: Rulebook, buckets: int) -> pl.DataFrame:
    """Ledger rows of kinds binding_reward (to merchants) and referral_reward (to members)."""
    binding = _rewards(transactions, "bound_merchant_id", rulebook, lambda rules: rules.binding.rate)
    referral = _rewards(transactions, "referrer_id", rulebook, lambda rules: rules.referral.rate)
    return pl.concat(
        [
            posted(binding, "merchant", "voucher", "binding_reward", buckets),
            posted(referral, "member", "voucher", "referral_reward", buckets),
        ]
    )


def _rewards(transactions: pl.DataFrame, earner: str, rulebook: Rulebook, rate: Callable[[Rules], int]) -> pl.DataFrame:
    """business_date, holder_id, amount_fen."""
    version = version_on(pl.col("business_date"), rulebook)
    points = (
        transactions.filter(pl.col(earner).is_not_null())
        .group_by("business_date", holder_id=earner)
        .agg(points_fen=pl.col("points_fen").cast(WIDE).sum())
    )
    of_day = value_by_version(version, rulebook, rate, pl.Int64)
    return points.select("business_date", "holder_id", amount_fen=toward_zero(pl.col("points_fen") * of_day))
