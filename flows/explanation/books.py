"""One holder's rows of the lake: what is read to explain the holder's amounts, never more than that.

Files are chosen by day and by the holder's bucket, and within a file the row groups by its statistics.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from lake.draft import Draft
from lake.files import run_of, scan, select
from lake.runlog import Run
from lake.store import Store
from schemas.reference import ReferenceTable
from schemas.rulebook import Rulebook
from schemas.tables import (
    COHORT_RATES,
    COHORTS,
    DAYS,
    LEDGER,
    MOVEMENTS,
    POOL_EVENTS,
    POSITION_CHANGES,
    POSITIONS,
    PROMOTER_MONTHS,
    REFUNDS,
    TRANSACTIONS,
    Table,
)
from transforms.buckets import bucket
from transforms.explanation.holdings import Holdings
from transforms.intake.dependants import PURCHASE
from transforms.pools import ONE_DAY

FILE = "file"


@dataclass(frozen=True, eq=False)
class Books:
    """The lake as the last of `runs` has left it, for one holder."""

    root: Path
    runs: Sequence[Run]
    rulebook: Rulebook
    holder_kind: str
    holder_id: int

    @property
    def run(self) -> Run:
        """The run whose versions are read."""
        return self.runs[-1]

    def as_of(self, day: date) -> "Books":
        """The same holder's books when `day` was the latest settled day: whatever was restated on it, had been."""
        count = max(number for number, run in enumerate(self.runs, 1) if run.last_settled == day)
        return replace(self, runs=self.runs[:count])

    @cached_property
    def draft(self) -> Draft:
        """The tables; nothing is written."""
        return Draft(Store(self.root / "lake"), self.run.versions, self.run.run_id)

    @cached_property
    def bucket(self) -> str:
        """The holder's bucket, as a partition names it."""
        number = bucket(pl.lit(self.holder_id, pl.Int64), self.run.buckets)
        return str(pl.select(number).item())

    @cached_property
    def restated(self) -> frozenset[date]:
        """Closed days that were recomputed since."""
        return frozenset(self.draft.small(DAYS).filter("restated")["business_date"])

    def ledger(self, table: Table = LEDGER, days: Collection[date] | None = None) -> pl.DataFrame:
        """The holder's rows of `ledger` or `corrections` on some days (None: all), with `run_id`."""
        named = None if days is None else {day.isoformat() for day in days}
        files = select(
            self.draft.files(table),
            business_date=lambda day: named is None or day in named,
            bucket=lambda number: number == self.bucket,
        )
        rows = scan(self.draft.store.folder / table.name, table, files, origin=FILE)
        own = rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id).collect()
        runs = {path: run_of(path) for path in own[FILE].unique()}
        return own.with_columns(run_id=pl.col(FILE).replace_strict(runs, return_dtype=pl.String)).drop(FILE)

    def transactions(
        self, column: str, days: Collection[date], wanted: Sequence[str] = tuple(TRANSACTIONS.schema)
    ) -> pl.DataFrame:
        """Booked rows of some days that name the holder in a column; `wanted`: the columns that are needed."""
        named = {day.isoformat() for day in days}
        rows = self.draft.scan(TRANSACTIONS, business_date=lambda day: day in named, bucket=self._bucket_of(column))
        return rows.filter(pl.col(column) == self.holder_id).select(wanted).collect()

    def _bucket_of(self, column: str) -> Callable[[str], bool]:
        """Rows of a member lie in the member's bucket, those of anybody else in all of them."""
        return (lambda number: number == self.bucket) if column == "member_id" else (lambda _: True)

    def month_sales(self, month_end: date, key: str, amount: str, wanted: pl.Expr) -> pl.DataFrame:
        """Sums of a month's booked rows: key, rows, amount."""
        rows = self.draft.between(TRANSACTIONS, month_end.replace(day=1), month_end).filter(wanted)
        return rows.group_by(key).agg(pl.len().alias("rows"), pl.col(amount).sum()).sort(key).collect()

    def originals(self, column: str, refunds: pl.DataFrame) -> pl.DataFrame:
        """The purchases that the holder's refunds name."""
        named = refunds.select(PURCHASE).unique()
        bought = self.transactions(column, set(named["original_date"])).filter(kind="purchase")
        return bought.join(named, left_on=["business_date", "txn_id"], right_on=PURCHASE, how="semi")

    def earlier_refunds(self, refunds: pl.DataFrame) -> pl.DataFrame:
        """Rows of `refunds` of the same purchases."""
        if refunds.is_empty():
            return REFUNDS.empty()
        first, last = refunds["original_date"].min(), refunds["business_date"].max()
        assert isinstance(first, date) and isinstance(last, date)
        named = refunds.lazy().select(PURCHASE).unique()
        return self.draft.between(REFUNDS, first, last).join(named, on=PURCHASE, how="semi").collect()

    def holdings(self, pool: str) -> Holdings:
        """The holder's positions in a pool, and the pool's rates; read once."""
        if pool not in self._holdings:
            self._holdings[pool] = self._read_holdings(pool)
        return self._holdings[pool]

    @cached_property
    def _holdings(self) -> dict[str, Holdings]:
        return {}

    def _read_holdings(self, pool: str) -> Holdings:
        positions = self.draft.scan(
            POSITIONS, pool=lambda name: name == pool, bucket=lambda number: number == self.bucket
        )
        changes = self.draft.scan(POSITION_CHANGES, bucket=lambda number: number == self.bucket)
        return Holdings(
            pool,
            positions.filter(holder_id=self.holder_id).collect(),
            changes.filter(pool=pool, holder_id=self.holder_id).collect(),
            *(self.draft.small(table).filter(pool=pool) for table in (COHORTS, COHORT_RATES, POOL_EVENTS)),
        )

    def movements(self, days: Collection[date]) -> pl.DataFrame:
        """Booked coin redemptions and payouts of some days."""
        named = {day.isoformat() for day in days}
        rows = self.draft.scan(MOVEMENTS, business_date=lambda day: day in named)
        return rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id).collect()

    def promoter_months(self, month: date) -> pl.DataFrame:
        """All promoters' rows of a month, named by its first day."""
        name = month.isoformat()
        return self.draft.scan(PROMOTER_MONTHS, month=lambda settled: settled == name).collect()

    def reference(self, table: ReferenceTable) -> pl.DataFrame:
        """A reference table as the landing zone has it now."""
        from lake.reference import read_sheet  # noqa: PLC0415
        from transforms.reference.tables import parse_table  # noqa: PLC0415

        return parse_table(read_sheet(self.root, table), table).frame.drop("position")


def dates_of(day: date) -> list[date]:
    """Business dates whose amounts may belong to a date: its own, and the day before, whose events count from it."""
    return [day - ONE_DAY, day]
