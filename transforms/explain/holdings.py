"""What one holder holds of the cohorts of a pool at a time, and what they are worth then (SPEC 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from transforms.pools.cohorts import Cohort, Payout
from transforms.pools.dividends import net_positions, taken_points


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
        return self._events.get(cutoff)

    def payouts(self, event_no: int) -> list[Payout]:
        """What each cohort that was alive got per point at an event."""
        return [payout for number, payout in self._payouts if number == event_no]

    def standing(self, before: date) -> list[Payout]:
        """The last payout of every cohort by events whose cut-off lies before a date: what its points had got then."""
        past = max((event["event_no"] for cutoff, event in self._events.items() if cutoff < before), default=0)
        return list({payout.cohort_no: payout for number, payout in self._payouts if number <= past}.values())

    def cohort(self, cohort_no: int) -> dict[str, Any]:
        """A cohort's terms, and the first day of its lots (None: from the beginning)."""
        before = self._cohorts.get(cohort_no - 1)
        return {**self._cohorts[cohort_no], "after_date": before["cutoff_date"] if before else None}

    @cached_property
    def _events(self) -> Mapping[date, dict[str, Any]]:
        return {row["cutoff_date"]: row for row in self.events.iter_rows(named=True)}

    @cached_property
    def _cohorts(self) -> Mapping[int, dict[str, Any]]:
        return {row["cohort_no"]: row for row in self.cohorts.iter_rows(named=True)}

    @cached_property
    def _payouts(self) -> Sequence[tuple[int, Payout]]:
        """Event and payout, by cohort and event."""
        before = pl.col("cumulative_pico").shift(1, fill_value=0).over("cohort_no", order_by="event_no")
        rows = self.rates.with_columns(before_pico=before).sort("cohort_no", "event_no")
        return [(row["event_no"], self._payout(row)) for row in rows.iter_rows(named=True)]

    def _payout(self, row: dict[str, Any]) -> Payout:
        terms = self._cohorts[row["cohort_no"]]
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
