"""The run log: the last row says which version of every table is the truth (DESIGN 4).

Appending a row is the last act of a run and the only one that readers can see.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, write_deltalake
from deltalake.exceptions import DeltaError

from lake.records import Change, make_record, write_record
from schemas.errors import ConfigurationError, DamagedLakeError, StorageError
from schemas.steps import step
from schemas.units import MOMENT

CLOSE: Final = "close"
"""The kind of a run that closes the books: it settles no day."""
FORMAT: Final = 3
"""Version of the lake's layout; a lake of another one is refused."""

SCHEMA: Final = pl.Schema(
    {
        "run_no": pl.Int64(),
        "run_id": pl.String(),
        "kind": pl.String(),  # nightly | backfill | close
        "first_date": pl.Date(),
        "last_date": pl.Date(),
        "last_settled": pl.Date(),
        "closed_through": pl.Date(),  # null: no day is closed
        "started_at": MOMENT,
        "finished_at": MOMENT,
        "rulebook_fingerprint": pl.String(),
        "input_fingerprint": pl.String(),
        "rows_in": pl.Int64(),
        "rows_booked": pl.Int64(),
        "rows_quarantined": pl.Int64(),
        "status": pl.String(),
        "buckets": pl.Int32(),
        "format": pl.Int32(),
        "versions": pl.String(),  # JSON: table -> Delta version
        "previous_hash": pl.String(),  # of the run before; null for the first
        "record_hash": pl.String(),  # SHA-256 of the run's record, see lake.records
    }
)

FILES_AT_MOST: Final = 50
"""Files that the run log may have."""

KEEP_HISTORY: Final = PostCommitHookProperties(cleanup_expired_logs=False)
"""Delta forgets versions older than 30 days when it writes a checkpoint; the version that a run names may be one."""


CHECKPOINTS: Final = {"delta.checkpointInterval": "10"}
"""Opening a table replays the commits since its last checkpoint."""


@dataclass(frozen=True)
class Run:
    """One finished run, as the log keeps it. Days are business dates; `last_settled`: the lake's last day after it."""

    run_no: int
    run_id: str
    kind: str
    first_date: date
    last_date: date
    last_settled: date
    closed_through: date | None
    started_at: datetime
    finished_at: datetime
    rulebook_fingerprint: str
    input_fingerprint: str
    rows_in: int
    rows_booked: int
    rows_quarantined: int
    status: str
    buckets: int
    versions: dict[str, int]
    format: int = field(default=FORMAT)
    previous_hash: str | None = None
    record_hash: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The run as a row of SCHEMA."""
        return {**vars(self), "versions": json.dumps(self.versions, sort_keys=True)}


class RunLog:
    """The Delta table `runs` of a lake."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "runs"

    def frame(self) -> pl.DataFrame:
        """All runs, oldest first.

        Raises DamagedLakeError (13) if the log is damaged, ConfigurationError (10) for a lake of another format.
        """
        with self._readable():
            if not DeltaTable.is_deltatable(str(self.path)):
                return pl.DataFrame(schema=SCHEMA)
            # `pl.read_delta` gives the same, but imports pyarrow, which every command that only reads would wait for.
            rows = pl.read_parquet(DeltaTable(self.path).file_uris())
            _require_format(rows, self.path)
            return rows.select(SCHEMA.keys()).cast(SCHEMA).sort("run_no")

    def last(self) -> Run | None:
        """The run whose versions are the truth now."""
        rows = self.frame().tail(1).to_dicts()
        return _run(rows[0]) if rows else None

    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        return [_run(row) for row in self.frame().iter_rows(named=True)]

    def holds(self, run_id: str) -> bool:
        """Whether this run was finished."""
        return run_id in self.frame()["run_id"]

    def append(self, run: Run, changes: Mapping[str, Change] | None = None) -> Run:
        """Make `run` the truth: its record first, its row last. Returns it with its hashes.

        `changes`: what it did to each table. Raises StorageError if the row cannot be written.
        """
        last = self.last()
        linked = replace(run, previous_hash=last.record_hash if last else None)
        record = make_record(linked.row, changes or {})
        sealed = replace(linked, record_hash=hashlib.sha256(record).hexdigest())
        write_record(self.path.parent, run.run_id, record)
        step("append run log row")
        self._write(pl.DataFrame([sealed.row], schema=SCHEMA))
        step("appended run log row")
        return sealed

    def _write(self, row: pl.DataFrame) -> None:
        """One more file a run; from FILES_AT_MOST on, all rows in one, so that reading does not grow with the years."""
        runs = self.frame()
        whole = runs.height % FILES_AT_MOST == FILES_AT_MOST - 1
        rows, mode = (pl.concat([runs, row]), "overwrite") if whole else (row, "append")
        try:
            write_deltalake(  # type: ignore[call-overload]
                str(self.path),
                rows,
                mode=mode,
                configuration=CHECKPOINTS,
                post_commithook_properties=KEEP_HISTORY,
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


def _run(row: dict[str, Any]) -> Run:
    return Run(**{**row, "versions": json.loads(row["versions"])})


def _require_format(rows: pl.DataFrame, path: Path) -> None:
    """A program reads one format; `rows` may have other columns than SCHEMA, as another format would."""
    found = max(rows["format"].to_list(), default=FORMAT) if "format" in rows.columns else 0
    if found == FORMAT:
        return
    raise ConfigurationError(
        f"the lake has format {found}, this program reads and writes format {FORMAT}",
        where=str(path),
        todo="install the version of the program that wrote it, or a newer one"
        if found > FORMAT
        else "settle the landing zone into a new root: the same inputs and rules give the same books",
    )
