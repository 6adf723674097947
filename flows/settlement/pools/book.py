"""The small books of the pools during a block: cohorts with their rates and points, open lots, the fund's two sums."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from flows.settlement.pools.rows import PoolRows
from lake.draft.draft import Draft
from schemas.rulebook import Rulebook
from schemas.tables import COHORT_CHANGES, COHORT_RATES, COHORTS, DAYS, POOL_DAYS
from transforms.books.controls import Control
from transforms.books.solvency import remaining_ceiling
from transforms.pools.cohorts import Cohort, Payout, paid
from transforms.pools.events import Event, PoolDay


@dataclass
class PoolBook:
    """Amounts in fen. `cohorts` and `points` (net, by cohort) hold all cohorts of a pool, retired ones included.

    `concessions`: net, by business date of the block; `dividends`: net of clawbacks, by business date of the block;
    `concession_before`, `dividends_before`: the sums of all earlier days. `opened`: points that open lots gain, by pool
    and day of the block. `rows`: what the block adds to the tables.
    """

    cohorts: dict[str, list[Cohort]]
    points: dict[str, Counter[int]]
    cutoffs: dict[str, list[date]]
    open_lots: Counter[str]
    holder_kinds: dict[str, str]
    concessions: dict[date, int]
    concession_before: int
    dividends_before: int
    opened: dict[tuple[str, date], int] = field(default_factory=dict)
    dividends: Counter[date] = field(default_factory=Counter)
    controls: list[Control] = field(default_factory=list)
    rows: PoolRows = field(default_factory=PoolRows)

    @classmethod
    def read(cls, draft: Draft, rulebook: Rulebook, transactions: pl.DataFrame | None = None) -> "PoolBook":
        """The book as the draft has it. `transactions`: of the block to come, `condensed`."""
        days = draft.small(DAYS)
        cutoffs = draft.small(COHORTS).group_by("pool", maintain_order=True)
        last = draft.small(POOL_DAYS).group_by("pool", maintain_order=True).last()
        return cls(
            cohorts=_cohorts(draft),
            points=_points(draft),
            cutoffs={str(pool): rows["cutoff_date"].to_list() for (pool,), rows in cutoffs},
            open_lots=Counter(dict(last.select("pool", "open_fen").iter_rows())),
            # A pool once named stays, with its holder kind: the last version knows them all.
            holder_kinds={pool.name: pool.holder for pool in rulebook.versions[-1].pools},
            concessions={} if transactions is None else _concessions(transactions),
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
        """Net concessions booked up to `day`."""
        return self.concession_before + sum(fen for booked, fen in self.concessions.items() if booked <= day)

    def paid(self) -> int:
        """Net dividends booked so far, over all pools."""
        return self.dividends_before + self.dividends.total()

    def live(self, pool: str) -> list[Cohort]:
        """Cohorts that can still be paid."""
        return [cohort for cohort in self.cohorts.get(pool, []) if not cohort.retired]

    def flow(self, day: PoolDay) -> None:
        """A day's points: what refunds took from closed cohorts leaves them, the rest moves open lots."""
        name, taken = day.pool.name, self.rows.points_taken(day.pool.name, day.business_date)
        for cohort_no, points in taken.items():
            self.points[name][cohort_no] += points
        self.open_lots[name] += self.opened.get((name, day.business_date), 0)

    def close(self, event: Event, cohort: Cohort, points_fen: int, first_rate_pico: int) -> None:
        """Enter the cohort that an event closes; its positions must be the lots that were open."""
        name = event.pool.name
        self.controls.append(Control(event.cutoff_date, f"closed_lots:{name}", self.open_lots[name], points_fen))
        self.cohorts.setdefault(name, []).append(cohort)
        self.points.setdefault(name, Counter())[cohort.cohort_no] = points_fen
        self.cutoffs.setdefault(name, []).append(event.cutoff_date)
        self.open_lots[name] = 0
        self.rows.add_cohort(event, cohort, points_fen, first_rate_pico)

    def pay(self, event: Event, payouts: Sequence[Payout]) -> None:
        """Move every paid cohort's rates on."""
        by_number = {payout.cohort_no: payout for payout in payouts}
        name = event.pool.name
        self.cohorts[name] = [paid(cohort, by_number.get(cohort.cohort_no)) for cohort in self.cohorts[name]]

    def end_day(self, day: PoolDay, ceiling_pico: int) -> None:
        """Enter a pool's day once all its events have been paid."""
        name = day.pool.name
        points, open_lots = self.points.get(name, Counter()), self.open_lots[name]
        remaining = remaining_ceiling(self.cohorts.get(name, []), points, open_lots, ceiling_pico)
        self.rows.add_day(day, open_lots, remaining)


def _concessions(transactions: pl.DataFrame) -> dict[date, int]:
    per_day = transactions.group_by("business_date").agg(pl.col("concession_fen").cast(pl.Int128).sum())
    return {day: int(fen) for day, fen in per_day.iter_rows()}


def _cohorts(draft: Draft) -> dict[str, list[Cohort]]:
    last = draft.small(COHORT_RATES).group_by("pool", "cohort_no", maintain_order=True).last()
    joined = draft.small(COHORTS).join(last, on=["pool", "cohort_no"], how="left", maintain_order="left")
    columns = ("cohort_no", "ceiling_pico", "max_payouts", "payout_no", "rate_pico", "cumulative_pico")
    cohorts: dict[str, list[Cohort]] = {}
    for pool, *numbers in joined.select("pool", *columns).iter_rows():
        cohorts.setdefault(pool, []).append(Cohort(*numbers))
    return cohorts


def _points(draft: Draft) -> dict[str, Counter[int]]:
    columns = ["pool", "cohort_no", "points_fen"]
    rows = pl.concat([draft.small(COHORTS).select(columns), draft.small(COHORT_CHANGES).select(columns)])
    points: dict[str, Counter[int]] = {}
    for pool, cohort_no, fen in rows.iter_rows():
        points.setdefault(pool, Counter())[cohort_no] += fen
    return points
