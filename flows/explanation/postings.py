"""One holder's rows of the ledger. Imports little, so that they can be read while the rules are still being loaded.

Files are chosen by day and by the holder's bucket, and within a file the row groups by its statistics. Parts of an
answer are found side by side, so that whatever is kept is looked up under a lock.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Self

import polars as pl

from lake.draft import Draft
from lake.files import DataFile, run_of, scan, select
from lake.runlog import Run
from lake.store import Store
from schemas.tables import BALANCES, DAYS, LEDGER, Table
from transforms.buckets import bucket

FILE = "file"
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
        files = self.files(
            table, business_date=lambda day: named is None or day in named, bucket=lambda number: number == self.bucket
        )
        rows = scan(self.draft.store.folder / table.name, table, files, origin=FILE)
        own = rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id).collect()
        runs = {path: run_of(path) for path in own[FILE].unique()}
        return own.with_columns(run_id=pl.col(FILE).replace_strict(runs, return_dtype=pl.String)).drop(FILE)

    def has_balance(self) -> bool:
        """Whether a balance is kept for the holder. One that has come to nothing may not be."""
        rows = self.scan(BALANCES, bucket=lambda number: number == self.bucket)
        own = rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id)
        return not own.select("asset").collect().is_empty()

    def files(self, table: Table, **wanted: Callable[[str], bool]) -> list[DataFile]:
        """Files of the partitions that pass every test."""
        with self.lock:
            return select(self.draft.files(table), **wanted)

    def scan(self, table: Table, **wanted: Callable[[str], bool]) -> pl.LazyFrame:
        """Rows of the partitions that pass every test."""
        return self.draft.scan_files(table, self.files(table, **wanted))
