"""The record of a run: what went in, by which program, what came out, and the record before it (the audit chain).

A record is canonical JSON in `<lake>/chain/<run_id>.json`; its SHA-256 is `record_hash` in the run log and
`previous_hash` in the next record, so that no record can be changed without changing all that follow.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from lake.digest import read_note
from lake.runs.code_version import code_version
from lake.tables.change import Change
from schemas.steps import step

OWN_HASH: Final = "record_hash"
"""The one column of the run log that a record cannot hold: its own hash."""
COPY: Final = "reference_copy"
"""What a record calls the copy of the reference data that its run left beside the lake."""


@dataclass(frozen=True)
class KeptCopy:
    """A typed copy of reference data. `mark`: of what it was made from; `digest`: of its files."""

    mark: str
    digest: str


def record_path(folder: Path, run_id: str) -> Path:
    """Where the record of a run lies; `folder` is the lake's."""
    return folder / "chain" / f"{run_id}.json"


def make_record(row: Mapping[str, Any], changes: Mapping[str, Change], log: str, copy: KeptCopy | None = None) -> bytes:
    """The record of the run whose log row is `row`. Its SHA-256, as `sha256sum` has it, is the run's `record_hash`.

    `log`: digest of all rows of the log before it, see `lake.runs.head`. `copy`: of the reference data, see
    `lake.landing.reference_cache`.
    """
    outputs = {
        table: {"added": dict(change.added), "removed": sorted(change.removed)}
        for table, change in changes.items()
        if change
    }
    content: dict[str, Any] = {"run": logged(row), "code": code_version(), "outputs": outputs, "log": log}
    if copy is not None:
        content[COPY] = asdict(copy)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def noted_copy(lake: Path, run_id: str) -> KeptCopy | None:
    """The copy that the record of a run speaks of."""
    noted = (read_note(record_path(lake, run_id)) or {}).get(COPY)
    try:
        return KeptCopy(**noted) if noted else None
    except TypeError:
        return None


def logged(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the run log as its record holds it: dates and moments as text, moments in UTC."""
    return {name: _plain(value) for name, value in row.items() if name != OWN_HASH}


def write_record(folder: Path, run_id: str, record: bytes) -> None:
    """Put the record in its place, whole or not at all."""
    path = record_path(folder, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    step("write chain record")
    beside = path.with_suffix(".tmp")
    try:
        beside.write_bytes(record)
        step("place chain record")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    step("wrote chain record")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
