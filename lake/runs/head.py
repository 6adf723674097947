"""The head of the audit chain, the last run and the hash of its record, and whether the log leads to it (SPEC 14).

A run is the truth once its row is in the run log. Only then `<lake>/head.json` is written: so a log that has lost
its last row can be told from a run that died before it had one.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lake.runs.record import OWN_HASH, logged, record_path
from lake.tables.files import RUN_ID, run_of
from schemas.errors import DamagedLakeError
from schemas.steps import step

_ID: Final = re.compile(RUN_ID)
NAME: Final = "head.json"
LOG: Final = "log"
"""What a record says of the rows of the run log before its own: the digest of all of them."""
TODO: Final = "restore lake/ from its newest backup; if this is meant, begin with a new root and a new warehouse"


def rows_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over rows of the run log, oldest first."""
    total = hashlib.sha256()
    for row in rows:
        # Columns that a later format adds are null in older rows.
        values = {name: value for name, value in (logged(row) | {OWN_HASH: row[OWN_HASH]}).items() if value is not None}
        text = json.dumps(values, sort_keys=True, ensure_ascii=False)
        total.update(f"{text}\n".encode())
    return total.hexdigest()


def note_head(folder: Path, run_id: str, record_hash: str) -> None:
    """Note the head of the lake `folder`, whole or not at all."""
    path = folder / NAME
    beside = path.with_suffix(".tmp")
    step("note head")
    beside.write_text(json.dumps({"run_id": run_id, "record_hash": record_hash}), encoding="utf-8")
    beside.replace(path)
    step("noted head")


def require_history(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Raise DamagedLakeError (13) if the run log of the lake `folder` has lost or changed runs. `rows`: the log's.

    It looks at the newest record alone, which answers for all rows before it; `audit` reads every record.
    """
    fault = next(_faults(folder, rows), None)
    if fault:
        raise DamagedLakeError(f"the run log is not what its runs made it: {fault}", where=str(folder), todo=TODO)


def _faults(folder: Path, rows: list[dict[str, Any]]) -> Iterator[str]:
    yield from lost_runs(folder, rows)
    if rows:
        yield from _changed(folder, rows)


def lost_runs(folder: Path, rows: list[dict[str, Any]]) -> Iterator[str]:
    """What shows that the log once had more runs than `rows`: the head, records, and files of tables."""
    known = {row["run_id"]: row["record_hash"] for row in rows}
    head = _read_head(folder)
    if head is not None and (head.get("run_id"), head.get("record_hash")) not in known.items():
        yield f"its head was run {head.get('run_id')} ({head.get('record_hash')}), which the log does not have so"
    # A run's number is one more than that of the run before, so that a dead run is never two ahead of the log.
    for path in sorted((folder / "chain").glob("*.json")):
        if _number(path.stem) > len(rows) + 1:
            yield f"{path} is the record of a run that the log does not have: the log ends at run {len(rows)}"
    if not rows:
        for path in sorted(folder.rglob("*.parquet")):
            if _number(run_of(path.name) or "") > 1:
                yield f"{path} was written by a run of a log that is gone"


def _changed(folder: Path, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Whether rows are as their records have them. From format 4 on a record answers for all rows before its own."""
    for count in range(len(rows), 0, -1):
        row = rows[count - 1]
        record = _read_record(folder, row)
        if isinstance(record, str):
            yield record
            return
        found = logged(row)
        for name in sorted(found.keys() | record["run"].keys()):
            if found.get(name) != record["run"].get(name):
                yield f"{name} of run {row['run_id']} is {found.get(name)}, and was {record['run'].get(name)}"
        if LOG in record:
            if record[LOG] != rows_digest(rows[: count - 1]):
                yield f"a row before run {row['run_id']} was changed; `settle verify --chain` says which"
            return


def _read_record(folder: Path, row: Mapping[str, Any]) -> dict[str, Any] | str:
    """The record of a row of the log, or what is wrong with it."""
    path = record_path(folder, row["run_id"])
    try:
        content = path.read_bytes()
    except OSError as fault:
        return f"the record of run {row['run_id']} cannot be read: {fault.strerror} ({path})"
    if hashlib.sha256(content).hexdigest() != row["record_hash"]:
        return f"{path} is not the record that the log knows run {row['run_id']} by"
    record: dict[str, Any] = json.loads(content)
    return record


def _read_head(folder: Path) -> dict[str, str] | None:
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {"run_id": f"unreadable ({path})"}
    return found if isinstance(found, dict) else {"run_id": f"unreadable ({path})"}


def _number(run_id: str) -> int:
    """The number of a run, by its id; 0 for a name that is none."""
    return int(run_id.partition("-")[0]) if _ID.fullmatch(run_id) else 0
