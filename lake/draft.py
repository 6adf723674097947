"""What the lake will be if the run ends well: the files kept, the files written, nothing visible yet."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from lake.files import DataFile, scan, select, write
from lake.records import Change, digest, record_path
from lake.store import Store, Versions
from lake.waiting import WaitingRoom
from lake.writer import Writer
from schemas.contracts import validated
from schemas.tables import TABLES, Table

GATHERED_ROWS: Final = 1_000_000
"""How many rows of a table may be gathered in memory; no result depends on it."""


class Draft:
    """The working state of one run over the committed `versions`.

    `closed_through`: the last closed day (`date.min`: none); what was posted on it and before stays as it is.
    Tables without partitions are small and stay in memory until the commit; the others become files beside the
    computing, and whoever asks for a table's files waits for them. Only what has changed is written, proved and
    committed.
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
        self._writer = Writer()
        self._written: list[Path] = []
        self._digests: dict[tuple[str, str], str] = {}
        self._gathered: dict[str, list[pl.DataFrame]] = {}
        self._pieces = 0
        self.waiting = WaitingRoom(store.folder, run_id)

    def files(self, table: Table) -> list[DataFile]:
        """The table's files as the draft has them. Raises what has hindered the writing of one."""
        if table.name not in self._files:
            self._files[table.name] = self.store.files(table, self._versions.get(table.name))
        for fresh in self._writer.written(table.name):
            self._files[table.name] = self._files[table.name] + fresh
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
        """Add rows to a partitioned table that nobody reads yet: they may stay in memory to be written together."""
        if not frame.is_empty():
            self._gathered.setdefault(table.name, []).append(frame)
        if sum(rows.height for rows in self._gathered.get(table.name, [])) > GATHERED_ROWS:
            self.flush(table)

    def flush(self, table: Table, at_least: int = 1) -> None:
        """Write what was gathered, if it has so many rows."""
        if sum(rows.height for rows in self._gathered.get(table.name, [])) >= at_least:
            self.append(table, pl.concat(self._gathered.pop(table.name)))

    def append(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to a partitioned table, sorted, as files of this run."""
        if frame.is_empty():
            return
        self._pieces += 1
        rows, name = frame.select(table.schema.keys()), f"{self.run_id}-{self._pieces:05d}"
        self._writer.begin(table.name, lambda: self._write(table, rows, name))

    def _write(self, table: Table, rows: pl.DataFrame, name: str) -> list[DataFile]:
        folder = self.store.folder / table.name
        files = write(validated(table, rows), folder, table, name)
        self._written += [folder / f.path for f in files]
        self._digests |= {(table.name, f.path): digest(folder / f.path) for f in files}
        return files

    def keep(self, table: Table, **wanted: Callable[[str], bool]) -> None:
        """Keep only the partitions that pass every test."""
        self.keep_files(table, select(self.files(table), **wanted))

    def keep_files(self, table: Table, files: Sequence[DataFile]) -> None:
        """Keep only these files, which are some of `files`."""
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
        for name in list(self._gathered):
            self.flush(TABLES[name])
        for name in sorted(self._replaced):
            self._files[name] = self._write(TABLES[name], self._small[name], self.run_id)
        for name in self._writer.tables():
            self.files(TABLES[name])
        changes = {name: self._change(name) for name in sorted(self._files)}
        self.changes = {name: change for name, change in changes.items() if change or name not in self._base}
        for name in self.changes:
            self._versions[name] = self.store.commit(TABLES[name], self._files[name], self.run_id)
        self._writer.end()
        self.waiting.close()
        return dict(self._versions)

    def _change(self, name: str) -> Change:
        """What the commit will do to a table: files by name and digest."""
        before = {f.path for f in self.store.files(TABLES[name], self._base.get(name))}
        after = {f.path for f in self._files[name]}
        added = {path: self._digests[name, path] for path in sorted(after - before)}
        return Change(added, tuple(sorted(before - after)))

    def discard(self) -> None:
        """Remove what this run wrote: it has come to nothing."""
        self._writer.end()
        for path in [*self._written, record_path(self.store.folder, self.run_id)]:
            path.unlink(missing_ok=True)
        self.waiting.close()
