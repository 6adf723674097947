"""What a refund of points in a closed cohort takes back, and puts back (SPEC 6): a part is a cohort."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from schemas.rulebook import Rulebook
from schemas.units import ONE_DAY
from transforms.explain.dividends import R3
from transforms.explain.holdings import Holdings
from transforms.explain.model import Amount, Explanation, rules_on
from transforms.pools.cohorts import Payout
from transforms.pools.dividends import clawbacks, entitled
from transforms.pools.lots import cohort_points

ROUNDING: Final = {
    "dividend_clawback": R3,
    "points_retired": "none: points of a retired cohort had left the balance already, so what is taken is put back",
}


def explain_clawback(amount: Amount, held: Holdings, refunds: pl.DataFrame, rulebook: Rulebook) -> Explanation:
    """A dividend_clawback, or points_retired by a refund. `refunds`: the holder's booked refunds of the day."""
    day = amount.business_date
    changes = held.changes.filter(pl.col("business_date") == day)
    before = held.net(day - ONE_DAY).collect()
    standing = held.standing(day)
    taken = clawbacks(changes, before, _rates(standing)).sort("cohort_no")
    was, left = (_entitled(held, through, standing) for through in (day - ONE_DAY, day))
    parts = []
    for row in taken.filter(pl.col(amount.kind) != 0).iter_rows(named=True):
        no = row["cohort_no"]
        terms = held.cohort(no)
        parts.append(
            {
                "cohort_no": no,
                "lots_after": terms["after_date"],
                "lots_through": terms["cutoff_date"],
                "points_before_fen": was[no]["points_fen"],
                "points_after_fen": left[no]["points_fen"],
                "rate_pico": next(payout.after_pico for payout in standing if payout.cohort_no == no),
                "entitled_before_fen": was[no]["after_fen"],
                "entitled_after_fen": left[no]["after_fen"],
                "amount_fen": row[amount.kind],
            }
        )
    rules = rules_on([part["lots_through"] for part in parts], rulebook, "dividend", lambda rules: rules.dividend)
    inputs = _inputs(refunds, held, {part["cohort_no"] for part in parts})
    return Explanation(amount, tuple(parts), ROUNDING[amount.kind], rules, inputs=inputs)


def _rates(standing: list[Payout]) -> pl.DataFrame:
    rows = [(payout.cohort_no, payout.after_pico, payout.retires) for payout in standing]
    schema = {"cohort_no": pl.Int32, "cumulative_pico": pl.Int64, "retired": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _entitled(held: Holdings, through: date, standing: list[Payout]) -> Mapping[int, dict[str, Any]]:
    rows = entitled(held.net(through), standing).collect()
    return {row["cohort_no"]: row for row in rows.iter_rows(named=True)}


def _inputs(refunds: pl.DataFrame, held: Holdings, cohorts: set[int]) -> tuple[dict[str, Any], ...]:
    """The refunds whose lots lie in these cohorts."""
    cutoffs = held.cohorts.select("pool", "cohort_no", "cutoff_date")
    named = ("txn_id", "occurred_at", "original_txn_id", "original_date")
    rows = cohort_points(refunds, cutoffs, named).filter(
        (pl.col("pool") == held.pool) & pl.col("cohort_no").is_in(list(cohorts))
    )
    return tuple(rows.select(*named, "cohort_no", "points_fen").sort("txn_id").iter_rows(named=True))
