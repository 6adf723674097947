"""The run log: the last row says which version of every table is the truth (DESIGN 4).

Appending a row is the last act of a run and the only one that readers can see.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

import polars as pl
from deltalake import DeltaTable, write_deltalake

from schemas.units import MOMENT

FORMAT: Final = 1
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


class RunLog:
    """The Delta table `runs` of a lake."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "runs"

    def frame(self) -> pl.DataFrame:
        """All runs, oldest first."""
        if not DeltaTable.is_deltatable(str(self.path)):
            return pl.DataFrame(schema=SCHEMA)
        return pl.read_delta(str(self.path)).select(SCHEMA.keys()).cast(SCHEMA).sort("run_no")

    def last(self) -> Run | None:
        """The run whose versions are the truth now."""
        rows = self.frame().tail(1).to_dicts()
        return Run(**{**rows[0], "versions": json.loads(rows[0]["versions"])}) if rows else None

    def append(self, run: Run) -> None:
        """Make `run` the truth."""
        row = {**vars(run), "versions": json.dumps(run.versions, sort_keys=True)}
        write_deltalake(str(self.path), pl.DataFrame([row], schema=SCHEMA), mode="append")
