"""Finished runs as the run log keeps them: their columns, and the format of a lake that they are of."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Self

import polars as pl

from schemas.errors import ConfigurationError
from schemas.units import MOMENT

NIGHTLY: Final = "nightly"
"""The kind of a run that settles the days that have come since the last one."""
CLOSE: Final = "close"
"""The kind of a run that closes the books: it settles no day."""
UPGRADE: Final = "upgrade"
"""The kind of a run that brings the lake to the newest format: it settles no day."""
FORMAT: Final = 4
"""Version of the lake's layout; a lake of another one is refused. CHANGELOG.md says what each of them brought."""
OLDEST: Final = 3
"""The oldest format that `settle upgrade` reads."""

SCHEMA: Final = pl.Schema(
    {
        "run_no": pl.Int64(),
        "run_id": pl.String(),
        "kind": pl.String(),  # nightly | backfill | close | upgrade
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
        "record_hash": pl.String(),  # SHA-256 of the run's record, see lake.runs.record
    }
)


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

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """A run from such a row."""
        return cls(**{**row, "versions": json.loads(row["versions"])})


def require_format(rows: pl.DataFrame, path: Path, oldest: int = FORMAT) -> None:
    """Refuse a lake of another format than `oldest` to FORMAT. `rows`, of the log at `path`, may have other columns
    than SCHEMA.

    Raises ConfigurationError (10).
    """
    found = max(rows["format"].to_list(), default=FORMAT) if "format" in rows.columns else 0
    if oldest <= found <= FORMAT:
        return
    raise ConfigurationError(
        f"the lake has format {found}, this program reads and writes format {FORMAT}",
        where=str(path),
        todo=_way_on(found),
    )


def _way_on(found: int) -> str:
    if found > FORMAT:
        return "install the version of the program that wrote it, or a newer one"
    if found >= OLDEST:
        return "back the root up, then run `settle upgrade`: it brings the lake to the newest format, in place"
    return "settle the landing zone into a new root: the same inputs and rules give the same books"
