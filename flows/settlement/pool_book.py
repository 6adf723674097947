"""The small books of the pools during a block: cohorts, their rates and points, events, and the fund's two sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from lake.draft import Draft
from schemas.rulebook import Rulebook
from schemas.tables import COHORT_RATES, COHORTS, DAYS, POOL_DAYS, POOL_EVENTS, POSITION_CHANGES, Table
from transforms.cohorts import Cohort, Payout
from transforms.pools import Event, PoolState


@dataclass
class PoolBook:
    """`cohorts[pool]` and `points[pool][cohort_no]` (net fen) of all cohorts, retired ones included.

    `concessions`: net fen by business date of the block; `dividends`: net fen paid by business date of the block;
    `concession_before`, `dividends_before`: the sums of all earlier days.
    """

    cohorts: dict[str, list[Cohort]]
    points: dict[str, dict[int, int]]
    cutoffs: dict[str, list[date]]
    holder_kinds: dict[str, str]
    concessions: dict[date, int]
    concession_before: int
    dividends_before: int
    dividends: dict[date, int] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @staticmethod
    def states(draft: Draft) -> dict[str, PoolState]:
        """Where each pool stands after the draft's last day."""
        values = draft.small(POOL_DAYS).group_by("pool").agg(pl.col("value_fen").last())
        states = {pool: PoolState(value_fen=value) for pool, value in values.iter_rows()}
        last = draft.small(POOL_EVENTS).group_by("pool", maintain_order=True).last()
        for row in last.iter_rows(named=True):
            states[row["pool"]] = PoolState(
                states[row["pool"]].value_fen, row["event_no"], row["value_date"], row["next_baseline_fen"]
            )
        return states

    @classmethod
    def read(cls, draft: Draft, transactions: pl.DataFrame, rulebook: Rulebook) -> "PoolBook":
        """The book before a block's first event. `transactions`: of the block, for its concessions by day."""
        days = draft.small(DAYS)
        per_day = transactions.group_by("business_date").agg(pl.col("concession_fen").cast(pl.Int128).sum())
        return cls(
            cohorts=_cohorts(draft),
            points=_points(draft),
            cutoffs={
                str(pool): rows["cutoff_date"].to_list()
                for (pool,), rows in draft.small(COHORTS).group_by("pool", maintain_order=True)
            },
            # A pool once named stays, with its holder kind: the last version knows them all.
            holder_kinds={pool.name: pool.holder for pool in rulebook.versions[-1].pools},
            concessions={day: int(fen) for day, fen in per_day.iter_rows()},
            concession_before=sum(days["concession_fen"]),
            dividends_before=sum(days["dividend_fen"]),
        )

    def cutoffs_with(self, events: Sequence[Event]) -> pl.DataFrame:
        """Cut-offs of all cohorts, those that `events` close included: pool, cohort_no, cutoff_date."""
        rows = [(pool, no, day) for pool, days in self.cutoffs.items() for no, day in enumerate(days, 1)]
        rows += [(event.pool.name, event.event_no, event.cutoff_date) for event in events]
        columns = ("pool", "cohort_no", "cutoff_date")
        return pl.DataFrame(rows, schema={name: COHORTS.schema[name] for name in columns}, orient="row")

    def last_cutoff(self, pool: str) -> date:
        """The last cut-off of a pool; before all days if it has not launched."""
        days = self.cutoffs.get(pool)
        return days[-1] if days else date.min

    def rates(self, pool: str) -> pl.DataFrame:
        """cohort_no, cumulative_pico, retired of every cohort of a pool, as they stand."""
        rows = [(c.cohort_no, c.cumulative_pico, c.retired) for c in self.cohorts[pool]]
        schema = {"cohort_no": pl.Int32, "cumulative_pico": pl.Int64, "retired": pl.Boolean}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def concession_to(self, day: date) -> int:
        """Net concessions booked up to `day`, in fen."""
        return self.concession_before + sum(fen for booked, fen in self.concessions.items() if booked <= day)

    def paid(self) -> int:
        """Net dividends booked so far, over all pools, in fen."""
        return self.dividends_before + sum(self.dividends.values())

    def add_dividends(self, day: date, fen: int) -> None:
        """Count dividends (or clawbacks, negative) of a business date."""
        self.dividends[day] = self.dividends.get(day, 0) + fen

    def live(self, pool: str) -> list[Cohort]:
        """Cohorts that can still be paid."""
        return [cohort for cohort in self.cohorts.get(pool, []) if not cohort.retired]

    def close(self, event: Event, cohort: Cohort, points_fen: int, first_rate_pico: int) -> None:
        """Enter the cohort that an event closes."""
        name = event.pool.name
        self.cohorts.setdefault(name, []).append(cohort)
        self.points.setdefault(name, {})[cohort.cohort_no] = points_fen
        self.cutoffs.setdefault(name, []).append(event.cutoff_date)
        self._enter(
            COHORTS,
            pool=name,
            cohort_no=cohort.cohort_no,
            cutoff_date=event.cutoff_date,
            first_rate_pico=first_rate_pico,
            ceiling_pico=cohort.ceiling_pico,
            max_payouts=cohort.max_payouts,
            points_fen=points_fen,
        )

    def pay(self, event: Event, payouts: Sequence[Payout]) -> None:
        """Enter the rates of an event."""
        by_number = {payout.cohort_no: payout for payout in payouts}
        name = event.pool.name
        self.cohorts[name] = [_paid(cohort, by_number.get(cohort.cohort_no)) for cohort in self.cohorts[name]]
        for payout in payouts:
            self._enter(
                COHORT_RATES,
                pool=name,
                cohort_no=payout.cohort_no,
                event_no=event.event_no,
                payout_no=payout.payout_no,
                rate_pico=payout.rate_pico,
                cumulative_pico=payout.after_pico,
            )

    def enter_event(self, event: Event, holders: int, amount_fen: int, shortfall_fen: int) -> None:
        """Enter the event itself."""
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

    def write(self, draft: Draft) -> None:
        """Add the block's rows to the draft's tables."""
        for table in (COHORTS, COHORT_RATES, POOL_EVENTS):
            rows = pl.DataFrame(self.rows.get(table.name, []), schema=table.schema)
            draft.extend(table, rows)

    def _enter(self, table: Table, **row: object) -> None:
        self.rows.setdefault(table.name, []).append(row)


def _paid(cohort: Cohort, payout: Payout | None) -> Cohort:
    if payout is None:
        return cohort
    return replace(
        cohort, payouts=payout.payout_no, rate_pico=payout.rate_pico, cumulative_pico=payout.after_pico
    )


def _cohorts(draft: Draft) -> dict[str, list[Cohort]]:
    last = draft.small(COHORT_RATES).group_by("pool", "cohort_no", maintain_order=True).last()
    joined = draft.small(COHORTS).join(last, on=["pool", "cohort_no"], how="left", maintain_order="left")
    cohorts: dict[str, list[Cohort]] = {}
    for row in joined.iter_rows(named=True):
        cohort = Cohort(
            row["cohort_no"],
            row["ceiling_pico"],
            row["max_payouts"],
            row["payout_no"],
            row["rate_pico"],
            row["cumulative_pico"],
        )
        cohorts.setdefault(row["pool"], []).append(cohort)
    return cohorts


def _points(draft: Draft) -> dict[str, dict[int, int]]:
    key = ["pool", "cohort_no"]
    taken = draft.scan(POSITION_CHANGES).group_by(key).agg(taken_fen=pl.col("points_fen").sum()).collect()
    rows = draft.small(COHORTS).join(taken, on=key, how="left")
    points: dict[str, dict[int, int]] = {}
    for pool, cohort_no, closed, gone in rows.select(*key, "points_fen", "taken_fen").iter_rows():
        points.setdefault(pool, {})[cohort_no] = closed + (gone or 0)
    return points
