"""The run log: the last row says which version of every table is the truth (SPEC 14).

Appending a row is the last act of a run and the only one that readers can see.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl
from deltalake.exceptions import DeltaError

from lake.runs.head import note_head, rows_digest
from lake.runs.record import KeptCopy, make_record, noted_copy, write_record
from lake.runs.run import FORMAT, SCHEMA, Run, require_format
from lake.tables.change import Change
from lake.tables.delta import CHECKPOINTS, KEEP_HISTORY
from lake.tables.row_tables import has_table, read_rows, write_rows
from schemas.errors import DamagedLakeError, StorageError
from schemas.steps import step

FILES_AT_MOST: Final = 50
"""Files that the run log may have."""


class RunLog:
    """The Delta table `runs` of a lake. `oldest`: the oldest format that is read; by default the newest alone."""

    def __init__(self, folder: Path, oldest: int = FORMAT) -> None:
        self.path, self._oldest = folder / "runs", oldest

    def frame(self) -> pl.DataFrame:
        """All runs, oldest first.

        Raises DamagedLakeError (13) if the log is damaged, ConfigurationError (10) for a lake of another format.
        """
        with self._readable():
            if not has_table(self.path):
                return pl.DataFrame(schema=SCHEMA)
            rows = read_rows(self.path)
            require_format(rows, self.path, self._oldest)
            return rows.select(SCHEMA.keys()).cast(SCHEMA).sort("run_no")

    def last(self) -> Run | None:
        """The run whose versions are the truth now."""
        rows = self.frame().tail(1).to_dicts()
        return Run.of(rows[0]) if rows else None

    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return [Run.of(row) for row in self.frame().iter_rows(named=True)]

    def holds(self, run_id: str) -> bool:
        """Whether this run was finished."""
        return run_id in self.frame()["run_id"]

    def append(self, run: Run, changes: Mapping[str, Change] | None = None, copy: KeptCopy | None = None) -> Run:
        """Make `run` the truth: its record first, its row last. Returns it with its hashes.

        `changes`: what it did to each table; `copy`: of the reference data, by default the one of the run before.
        Raises StorageError if the row cannot be written.
        """
        rows = self.frame().to_dicts()
        linked = replace(run, previous_hash=rows[-1]["record_hash"] if rows else None)
        before = noted_copy(self.path.parent, rows[-1]["run_id"]) if rows else None
        record = make_record(linked.row, changes or {}, rows_digest(rows), copy or before)
        sealed = replace(linked, record_hash=hashlib.sha256(record).hexdigest())
        write_record(self.path.parent, run.run_id, record)
        step("append run log row")
        self._write(pl.DataFrame([sealed.row], schema=SCHEMA))
        step("appended run log row")
        note_head(self.path.parent, run.run_id, sealed.record_hash)
        return sealed

    def _write(self, row: pl.DataFrame) -> None:
        """One more file a run; from FILES_AT_MOST on, all rows in one, so that reading does not grow with the years."""
        runs = self.frame()
        whole = runs.height % FILES_AT_MOST == FILES_AT_MOST - 1
        try:
            write_rows(
                self.path,
                pl.concat([runs, row]) if whole else row,
                "overwrite" if whole else "append",
                configuration=CHECKPOINTS,
                hooks=KEEP_HISTORY,
            )
        except DeltaError as fault:
            raise StorageError(f"the run log cannot be written: {fault}", where=str(self.path)) from fault

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (DeltaError, OSError, pl.exceptions.PolarsError) as fault:
            raise DamagedLakeError(
                f"the run log cannot be read: {fault}", where=str(self.path), todo="restore lake/runs from a backup"
            ) from fault
