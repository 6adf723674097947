"""What one holder holds of the cohorts of a pool at a time, and what they are worth then (SPEC 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from transforms.cohorts import Cohort, Payout
from transforms.dividends import net_positions, taken_points


@dataclass(frozen=True, eq=False)
class Holdings:
    """Rows of one holder in one pool, and the pool's own small tables, all in the lake's columns.

    `positions`: as the cohorts closed; `changes`: what refunds took since; `cohorts`, `rates`, `events`: of the pool.
    """

    pool: str
    positions: pl.DataFrame
    changes: pl.DataFrame
    cohorts: pl.DataFrame
    rates: pl.DataFrame
    events: pl.DataFrame

    def net(self, through: date) -> pl.LazyFrame:
        """cohort_no, holder_id, points_fen, refunds booked up to `through` taken off."""
        taken = self.changes.filter(pl.col("business_date") <= through)
        return net_positions(self.positions.lazy(), taken_points(taken.lazy()))

    def event(self, cutoff: date) -> dict[str, Any] | None:
        """The event with this cut-off; None if history as it is now has none."""
        return next(self.events.filter(pl.col("cutoff_date") == cutoff).iter_rows(named=True), None)

    def payouts(self, event_no: int) -> list[Payout]:
        """What each cohort that was alive got per point at an event."""
        return [self._payout(row) for row in self._rates_to(event_no) if row["event_no"] == event_no]

    def standing(self, before: date) -> list[Payout]:
        """The last payout of every cohort by events whose cut-off lies before a date: what its points had got then."""
        past = self.events.filter(pl.col("cutoff_date") < before)["event_no"].to_list()
        last = {row["cohort_no"]: self._payout(row) for row in self._rates_to(max(past, default=0))}
        return list(last.values())

    def cohort(self, cohort_no: int) -> dict[str, Any]:
        """A cohort's terms, and the first day of its lots (None: from the beginning)."""
        cutoffs = dict(self.cohorts.select("cohort_no", "cutoff_date").iter_rows())
        row = self.cohorts.filter(pl.col("cohort_no") == cohort_no).row(0, named=True)
        return {**row, "after_date": cutoffs.get(cohort_no - 1)}

    def _rates_to(self, event_no: int) -> Sequence[dict[str, Any]]:
        before = pl.col("cumulative_pico").shift(1, fill_value=0).over("cohort_no", order_by="event_no")
        rows = self.rates.with_columns(before_pico=before).filter(pl.col("event_no") <= event_no)
        return list(rows.sort("cohort_no", "event_no").iter_rows(named=True))

    def _payout(self, row: dict[str, Any]) -> Payout:
        terms = self.cohort(row["cohort_no"])
        after = Cohort(
            row["cohort_no"],
            terms["ceiling_pico"],
            terms["max_payouts"],
            row["payout_no"],
            row["rate_pico"],
            row["cumulative_pico"],
        )
        return Payout(
            row["cohort_no"],
            row["payout_no"],
            row["rate_pico"],
            row["before_pico"],
            row["cumulative_pico"],
            after.retired,
        )
