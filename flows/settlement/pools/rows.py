"""Rows that a block adds to the pools' small tables, gathered while it is settled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import COHORT_CHANGES, COHORT_RATES, COHORTS, POOL_DAYS, POOL_EVENTS, Table
from transforms.pools.cohorts import Cohort, Payout
from transforms.pools.events import Event, PoolDay


@dataclass
class PoolRows:
    """Rows by table name."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    taken: dict[tuple[str, date], dict[int, int]] = field(default_factory=dict)

    def points_taken(self, pool: str, day: date) -> dict[int, int]:
        """Points that refunds of a day took from closed cohorts of a pool: by cohort, negative fen."""
        return self.taken.get((pool, day), {})

    def add_change(self, day: date, pool: str, cohort_no: int, points_fen: int, clawback_fen: int) -> None:
        """What a day's refunds took from one closed cohort."""
        self.taken.setdefault((pool, day), {})[cohort_no] = points_fen
        self._enter(
            COHORT_CHANGES,
            business_date=day,
            pool=pool,
            cohort_no=cohort_no,
            points_fen=points_fen,
            clawback_fen=clawback_fen,
        )

    def add_cohort(self, event: Event, cohort: Cohort, points_fen: int, first_rate_pico: int) -> None:
        """The cohort that an event closed."""
        self._enter(
            COHORTS,
            pool=event.pool.name,
            cohort_no=cohort.cohort_no,
            cutoff_date=event.cutoff_date,
            first_rate_pico=first_rate_pico,
            ceiling_pico=cohort.ceiling_pico,
            max_payouts=cohort.max_payouts,
            points_fen=points_fen,
        )

    def add_rates(self, event: Event, payouts: Sequence[Payout], entitled: dict[int, int]) -> None:
        """The rates of an event; `entitled`: sums of trunc(points x cumulative) by cohort."""
        for payout in payouts:
            self._enter(
                COHORT_RATES,
                pool=event.pool.name,
                cohort_no=payout.cohort_no,
                event_no=event.event_no,
                payout_no=payout.payout_no,
                rate_pico=payout.rate_pico,
                cumulative_pico=payout.after_pico,
                entitled_fen=entitled.get(payout.cohort_no, 0),
            )

    def add_event(self, event: Event, holders: int, amount_fen: int, shortfall_fen: int) -> None:
        """The event itself."""
        self._enter(
            POOL_EVENTS,
            pool=event.pool.name,
            event_no=event.event_no,
            cutoff_date=event.cutoff_date,
            value_date=event.value_date,
            trigger=event.trigger,
            baseline_fen=event.baseline_fen,
            next_baseline_fen=event.next_baseline_fen,
            value_fen=event.value_fen,
            growth_pico=event.growth_pico,
            holders=holders,
            amount_fen=amount_fen,
            shortfall_fen=shortfall_fen,
        )

    def add_day(self, day: PoolDay, open_fen: int, remaining_fen: int) -> None:
        """A pool's day."""
        self._enter(
            POOL_DAYS,
            pool=day.pool.name,
            business_date=day.business_date,
            inflow_fen=day.inflow_fen,
            value_fen=day.value_fen,
            open_fen=open_fen,
            remaining_fen=remaining_fen,
        )

    def write(self, draft: Draft) -> None:
        """Add all rows to the draft's tables."""
        for table in (COHORTS, COHORT_RATES, COHORT_CHANGES, POOL_EVENTS, POOL_DAYS):
            draft.extend(table, pl.DataFrame(self.rows.get(table.name, []), schema=table.schema))

    def _enter(self, table: Table, **row: object) -> None:
        self.rows.setdefault(table.name, []).append(row)
