"""The record of a run: what went in, by which program, what came out, and the record before it (the audit chain).

A record is canonical JSON in `<lake>/chain/<run_id>.json`; its SHA-256 is `record_hash` in the run log and
`previous_hash` in the next record, so that no record can be changed without changing all that follow.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from lake.code_version import code_version
from schemas.steps import step

OWN_HASH: Final = "record_hash"
"""The one column of the run log that a record cannot hold: its own hash."""
COPY: Final = "reference_copy"
"""What a record calls the copy of the reference data that its run left beside the lake."""


@dataclass(frozen=True)
class Change:
    """What a run did to a table. `added`: path -> SHA-256 of the file; `removed`: paths that it names no more."""

    added: Mapping[str, str]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


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

    `log`: digest of all rows of the log before it, see `lake.head`. `copy`: of the reference data, see
    `lake.reference_cache`.
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


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_note(path: Path) -> dict[str, Any] | None:
    """A note of ours in JSON, which is no part of the books: None if it is lost, garbled, or no regular file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def fingerprint_of(files: Iterable[tuple[Sequence[str], str]]) -> str:
    """SHA-256 over files of the landing zone, each by feed, day's folder and name, with the digest of its content."""
    return hashlib.sha256(json.dumps([[list(names), found] for names, found in files]).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
