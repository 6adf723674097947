"""Binding and referral rewards (SPEC 7): other people's points of a day, summed, then the rate of that day, R2."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from schemas.rulebook import Binding, Referral, Rulebook, Rules
from transforms.earning.rewards import EARNERS, earner_points, reward_postings
from transforms.explain.model import Amount, Explanation, rules_on

EARNER: Final = {kind: earner for kind, (earner, _, _) in EARNERS.items()}
"""The column of `transactions` that names who earns."""
TERMS: Final[dict[str, tuple[str, Callable[[Rules], Binding | Referral]]]] = {
    "binding_reward": ("binding", lambda rules: rules.binding),
    "referral_reward": ("referral", lambda rules: rules.referral),
}
ROUNDING: Final = "R2: the day's points are summed first, then the reward on the sum is rounded toward zero"


COLUMNS: Final = (
    "business_date", "txn_id", "kind", "occurred_at", "member_id", "merchant_id", "points_fen", *EARNER.values(),
)  # fmt: skip
"""Columns of `transactions` that are needed."""
_INPUTS: Final = {
    "txn_id": pl.col("txn_id"),
    "transaction": pl.col("kind"),
    "occurred_at": pl.col("occurred_at"),
    "member_id": pl.col("member_id"),
    "merchant_id": pl.col("merchant_id"),
    "points_fen": pl.col("points_fen"),
}


def explain_rewards(amounts: Sequence[Amount], rows: pl.DataFrame, rulebook: Rulebook) -> Iterator[Explanation]:
    """Amounts of one kind of EARNER. In: COLUMNS of the rows that name the holder there, on all their days."""
    inputs: defaultdict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.sort("business_date", "txn_id").select("business_date", **_INPUTS).iter_rows(named=True):
        inputs[row.pop("business_date")].append(row)
    postings = reward_postings(earner_points(rows), rulebook, 1)
    paid: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for *posting, fen in postings.select("business_date", "kind", "holder_id", "amount_fen").iter_rows():
        paid[tuple(posting)].append(fen)
    for amount in amounts:
        day = amount.business_date
        name, terms = TERMS[amount.kind]
        points = sum(row["points_fen"] for row in inputs[day])
        parts = tuple(
            {"points_fen": points, "rate_pico": terms(rulebook.on(day)).rate, "amount_fen": fen}
            for fen in paid[day, amount.kind, amount.holder_id]
        )
        rules = rules_on([day], rulebook, name, terms)
        yield Explanation(amount, parts, ROUNDING, rules, inputs=tuple(inputs[day]))
