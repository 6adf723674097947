"""What the lake will be if the run ends well: the files kept, the files written, nothing visible yet."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from lake.files import DataFile, scan, select, write
from lake.records import Change, digests, record_path
from lake.store import Store, Versions
from schemas.contracts import validated
from schemas.tables import TABLES, Table

WAITING_ROWS: Final = 1_000_000
"""How many rows of a table may wait in memory; no result depends on it."""


class Draft:
    """The working state of one run over the committed `versions`.

    `closed_through`: the last closed day (`date.min`: none); what was posted on it and before stays as it is.
    Tables without partitions are small and stay in memory until the commit; the others are files from the start.
    Only what has changed is written, proved and committed.
    """

    def __init__(self, store: Store, versions: Versions, run_id: str, closed_through: date | None = None) -> None:
        self.store, self.run_id = store, run_id
        self.closed_through = closed_through or date.min
        self._base = versions
        self._versions = dict(versions)
        self.changes: dict[str, Change] = {}
        self._files: dict[str, list[DataFile]] = {}
        self._small: dict[str, pl.DataFrame] = {}
        self._replaced: set[str] = set()
        self._written: list[Path] = []
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._pieces = 0

    def files(self, table: Table) -> list[DataFile]:
        """The table's files as the draft has them."""
        if table.name not in self._files:
            self._files[table.name] = self.store.files(table, self._versions.get(table.name))
        return self._files[table.name]

    def scan(self, table: Table, **wanted: Callable[[str], bool]) -> pl.LazyFrame:
        """Rows of the partitions that pass every test."""
        return self.scan_files(table, select(self.files(table), **wanted))

    def scan_files(self, table: Table, files: Sequence[DataFile]) -> pl.LazyFrame:
        """Rows of some files of the table."""
        return scan(self.store.folder / table.name, table, files)

    def between(self, table: Table, first: date, last: date) -> pl.LazyFrame:
        """Rows of the business dates first..last of a table partitioned by them."""
        low, high = first.isoformat(), last.isoformat()
        return self.scan(table, business_date=lambda day: low <= day <= high)

    def gather(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to a partitioned table that nobody reads yet: they may wait in memory to be written together."""
        if not frame.is_empty():
            self._waiting.setdefault(table.name, []).append(frame)
        if sum(rows.height for rows in self._waiting.get(table.name, [])) > WAITING_ROWS:
            self.flush(table)

    def flush(self, table: Table) -> None:
        """Write what `gather` kept waiting."""
        waiting = self._waiting.pop(table.name, [])
        if waiting:
            self.append(table, pl.concat(waiting))

    def append(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to a partitioned table, sorted, as files of this run."""
        if frame.is_empty():
            return
        self._pieces += 1
        folder = self.store.folder / table.name
        rows = validated(table, frame.select(table.schema.keys()))
        fresh = write(rows, folder, table, f"{self.run_id}-{self._pieces:05d}")
        self._written += [folder / f.path for f in fresh]
        self._files[table.name] = self.files(table) + fresh

    def keep(self, table: Table, **wanted: Callable[[str], bool]) -> None:
        """Keep only the partitions that pass every test."""
        self.keep_files(table, select(self.files(table), **wanted))

    def keep_files(self, table: Table, files: Sequence[DataFile]) -> None:
        """Keep only these files."""
        self._files[table.name] = list(files)

    def small(self, table: Table) -> pl.DataFrame:
        """All rows of an unpartitioned table."""
        if table.name not in self._small:
            self._small[table.name] = self.scan(table).collect()
        return self._small[table.name]

    def replace(self, table: Table, frame: pl.DataFrame) -> None:
        """Give an unpartitioned table new rows."""
        self._small[table.name] = frame.select(table.schema.keys()).cast(table.types).sort(table.key)
        self._replaced.add(table.name)

    def extend(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to an unpartitioned table."""
        self.replace(table, pl.concat([self.small(table), frame.select(table.schema.keys())]))

    def commit(self) -> dict[str, int]:
        """One Delta commit a changed table; returns all versions, which only the run log can make the truth.

        Raises ControlFailedError (13) if a small table breaks its contract.
        """
        for name in list(self._waiting):
            self.flush(TABLES[name])
        for name in sorted(self._replaced):
            self._write_small(TABLES[name])
        changes = {name: self._change(name) for name in sorted(self._files)}
        self.changes = {name: change for name, change in changes.items() if change or name not in self._base}
        for name in self.changes:
            self._versions[name] = self.store.commit(TABLES[name], self._files[name], self.run_id)
        return dict(self._versions)

    def _write_small(self, table: Table) -> None:
        folder = self.store.folder / table.name
        files = write(validated(table, self._small[table.name]), folder, table, self.run_id)
        self._written += [folder / f.path for f in files]
        self._files[table.name] = files

    def _change(self, name: str) -> Change:
        """What the commit will do to a table: files by name and digest."""
        before = {f.path for f in self.store.files(TABLES[name], self._base.get(name))}
        after = {f.path for f in self._files[name]}
        added = sorted(after - before)
        hashes = digests(self.store.folder / name / path for path in added)
        return Change(dict(zip(added, hashes, strict=True)), tuple(sorted(before - after)))

    def discard(self) -> None:
        """Remove what this run wrote: it has come to nothing."""
        for path in [*self._written, record_path(self.store.folder, self.run_id)]:
            path.unlink(missing_ok=True)
