"""One holder's rows of the ledger. Imports little, so that they can be read while the rules are still being loaded.

Files are chosen by day and by the holder's bucket, and within a file the row groups by its statistics. Parts of an
answer are found side by side, so that whatever is kept is looked up under a lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Self

import polars as pl

from lake.draft.draft import Draft
from lake.runs.run import CLOSE, Run
from lake.tables.files import DataFile, Test, select
from lake.tables.store import Store
from schemas.errors import DamagedLakeError
from schemas.tables import BALANCES, BUSINESS_DATE, CORRECTIONS, DAYS, LEDGER, Table
from transforms.exact.buckets import bucket

Days = frozenset[date] | None
"""Business dates; None: all."""


@dataclass(frozen=True, eq=False)
class Postings:
    """The lake as the last of `runs` has left it, for one holder. Every table is opened once, every answer kept."""

    root: Path
    runs: Sequence[Run]
    holder_kind: str
    holder_id: int
    lock: RLock = field(default_factory=RLock, kw_only=True, repr=False)

    @property
    def run(self) -> Run:
        """The run whose versions are read."""
        return self.runs[-1]

    def as_of(self, day: date) -> Self:
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
        asked = (table.name, None if days is None else frozenset(days))
        if asked not in self._ledgers:
            self._ledgers[asked] = self._read_ledger(table, asked[1])
        return self._ledgers[asked]

    @cached_property
    def _ledgers(self) -> dict[tuple[str, Days], pl.DataFrame]:
        return {}

    def _read_ledger(self, table: Table, days: Days) -> pl.DataFrame:
        named = None if days is None else {day.isoformat() for day in days}
        wanted = {} if named is None else {BUSINESS_DATE: lambda day: day in named}
        rows = self.scan(table, bucket=lambda number: number == self.bucket, **wanted)
        own = rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id).collect()
        runs = {day: self._posted_by(day, table) for day in own[BUSINESS_DATE].unique()}
        return own.with_columns(run_id=pl.col(BUSINESS_DATE).replace_strict(runs, return_dtype=pl.String))

    def _posted_by(self, day: date, table: Table) -> str:
        """The run that has posted the rows of a day last: of `corrections` any that settled it, else while it was open.

        What is posted on a closed day stands, so a run that settled it again has not posted it (SPEC 14). Raises
        DamagedLakeError (13) if no run has.
        """
        for run in reversed(self.runs):
            is_open = table == CORRECTIONS or run.closed_through is None or run.closed_through < day
            if is_open and run.kind != CLOSE and run.first_date <= day <= run.last_date:
                return run.run_id
        raise DamagedLakeError(
            f"{self.holder_kind} {self.holder_id} has rows of {day}, which no run has posted",
            where=str(self.root / "lake" / table.name),
            todo="run `settle verify --chain`: it names the files that are not as their run left them",
        )

    def has_balance(self) -> bool:
        """Whether a balance is kept for the holder. One that has come to nothing may not be."""
        rows = self.scan(BALANCES, bucket=lambda number: number == self.bucket)
        own = rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id)
        return not own.select("asset").collect().is_empty()

    def files(self, table: Table, **wanted: Test) -> list[DataFile]:
        """Files of the partitions and days that pass every test."""
        with self.lock:
            return select(self.draft.files(table), **wanted)

    def scan(self, table: Table, **wanted: Test) -> pl.LazyFrame:
        """Rows of the partitions and days that pass every test."""
        return self.draft.scan_files(table, self.files(table, **wanted), wanted.get(BUSINESS_DATE))
