"""What the lake will be if the run ends well: the files kept, the files written, nothing visible yet."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.draft.buffer import Gathering
from lake.draft.spill import WaitingRoom
from lake.runs.record import record_path
from lake.tables.change import Change
from lake.tables.files import DataFile, Test, beside, naming, scan, select, widened
from lake.tables.store import Store, Versions
from lake.tables.writer import Writer
from schemas.tables import BUSINESS_DATE, TABLES, Table


class Draft:
    """The working state of one run over the committed `versions`.

    `closed_through`: the last closed day (`date.min`: none); what was posted on it and before stays as it is.
    Small tables stay in memory until the commit; the others become files beside the computing, and whoever asks for a
    table's files waits for them. Only what has changed is written, proved and committed.
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
        self._writer = Writer(store.folder)
        self._gathered = Gathering()
        self._pieces = 0
        self.waiting = WaitingRoom(store.folder, run_id)

    def files(self, table: Table) -> list[DataFile]:
        """The table's files as the draft has them. Raises what has hindered the writing of one."""
        if table.name not in self._files:
            self._files[table.name] = self.store.files(table, self._versions.get(table.name))
        for fresh in self._writer.written(table.name):
            self._files[table.name] = self._files[table.name] + fresh
        return self._files[table.name]

    def scan(self, table: Table, **wanted: Test) -> pl.LazyFrame:
        """Rows of the partitions and days that pass every test."""
        return self.scan_files(table, select(self.files(table), **wanted), wanted.get(BUSINESS_DATE))

    def scan_files(self, table: Table, files: Sequence[DataFile], business_date: Test | None = None) -> pl.LazyFrame:
        """Rows of some files of the table, or those of the days that pass."""
        return scan(self.store.folder / table.name, table, files, business_date=business_date)

    def widened(self, table: Table, file: DataFile) -> pl.DataFrame:
        """Rows of a file that was written before the table had all its columns; those that it lacks are null."""
        return widened(self.store.folder / table.name, table, file)

    def naming(self, table: Table, files: Sequence[DataFile], column: str, value: int) -> list[DataFile]:
        """Those of some files of the table that have rows with `value` in `column`."""
        return naming(self.store.folder / table.name, table, files, column, value)

    def between(self, table: Table, first: date, last: date) -> pl.LazyFrame:
        """Rows of the business dates first..last of a dated table."""
        low, high = first.isoformat(), last.isoformat()
        return self.scan(table, business_date=lambda day: low <= day <= high)

    def gather(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows that nobody reads yet to a table that is not small: they may stay in memory for now."""
        if self._gathered.add(table.name, frame):
            self.flush(table)

    def flush(self, table: Table, at_least: int = 1) -> None:
        """Write what was gathered, if it has so many rows."""
        if self._gathered.rows(table.name) >= at_least:
            self.append(table, self._gathered.take(table.name))

    def append(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to a table that is not small, sorted, as files of this run."""
        if frame.is_empty():
            return
        self._pieces += 1
        rows, name = frame.select(table.schema.keys()), f"{self.run_id}-{self._pieces:05d}"
        self._writer.begin(table, rows, name)

    def keep(self, table: Table, **wanted: Test) -> None:
        """Keep only the partitions and days that pass every test; a file of others too is rewritten."""
        kept, days = select(self.files(table), **wanted), wanted.get(BUSINESS_DATE)
        mixed = beside(kept, days) if days else []
        self.keep_files(table, sorted(set(kept) - set(mixed)))
        for f in mixed:
            self.append(table, self.scan_files(table, [f], days).collect())

    def keep_files(self, table: Table, files: Sequence[DataFile]) -> None:
        """Keep only these files, which are some of `files`."""
        self._files[table.name] = list(files)

    def small(self, table: Table) -> pl.DataFrame:
        """All rows of a small table."""
        if table.name not in self._small:
            self._small[table.name] = self.scan(table).collect()
        return self._small[table.name]

    def replace(self, table: Table, frame: pl.DataFrame) -> None:
        """Give a small table new rows."""
        self._small[table.name] = frame.select(table.schema.keys()).cast(table.types).sort(table.key)
        self._replaced.add(table.name)

    def extend(self, table: Table, frame: pl.DataFrame) -> None:
        """Add rows to a small table."""
        self.replace(table, pl.concat([self.small(table), frame.select(table.schema.keys())]))

    def commit(self) -> dict[str, int]:
        """One Delta commit a changed table; returns all versions, which only the run log can make the truth.

        Raises ControlFailedError (13) if a small table breaks its contract.
        """
        for name in self._gathered.tables():
            self.flush(TABLES[name])
        for name in sorted(self._replaced):
            self._files[name] = self._writer.write(TABLES[name], self._small[name], self.run_id)
        for name in self._writer.tables():
            self.files(TABLES[name])
        self._drop_rewritten()
        changes = {name: self._change(name) for name in sorted(self._files)}
        self.changes = {name: change for name, change in changes.items() if change or name not in self._base}
        for name in self.changes:
            self._versions[name] = self.store.commit(TABLES[name], self._files[name], self.run_id)
        self._writer.end()
        self.waiting.close()
        return dict(self._versions)

    def _drop_rewritten(self) -> None:
        """Remove files of this run that it has written anew since: no version will ever name them."""
        named = {(name, f.path) for name, files in self._files.items() for f in files}
        self._writer.remove(self._writer.digests.keys() - named)

    def _change(self, name: str) -> Change:
        """What the commit will do to a table: files by name and digest."""
        before = {f.path for f in self.store.files(TABLES[name], self._base.get(name))}
        after = {f.path for f in self._files[name]}
        added = {path: self._writer.digests[name, path] for path in sorted(after - before)}
        return Change(added, tuple(sorted(before - after)))

    def discard(self) -> None:
        """Remove what this run wrote: it has come to nothing."""
        self._writer.end()
        self._writer.remove(self._writer.digests)
        record_path(self.store.folder, self.run_id).unlink(missing_ok=True)
        self.waiting.close()
