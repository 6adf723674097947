"""Heads of the chain in a file that lies elsewhere (SPEC 14): a line a run, `<hash>  <run_id>.json`, oldest first.

`sha256sum --check FILE` in the lake's folder `chain/` reads the same lines.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lake.tables.files import RUN_ID
from schemas.errors import DamagedLakeError, InputMissingError, InputRefusedError

_LINE: Final = re.compile(rf"([0-9a-f]{{64}})  ({RUN_ID})\.json")
Head = tuple[str, str]
"""A run and the hash of its record."""


def read_heads(path: Path) -> list[Head]:
    """The heads that a file has.

    Raises InputMissingError (11) if it cannot be read, InputRefusedError (12) for a line that is none.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no regular file")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputMissingError(
            f"the heads cannot be read: {fault}", where=str(path), todo="name the file that `settle heads` wrote"
        ) from fault
    heads = []
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise InputRefusedError(
                f"line {number} is no head", where=str(path), todo="a line is <64 hex digits>, two blanks, <run>.json"
            )
        heads.append((found[2], found[1]))
    return heads


def require_heads(heads: Sequence[Head], rows: Sequence[dict[str, Any]], where: str) -> None:
    """Raise DamagedLakeError (13) unless the log's `rows` have every head."""
    known = {row["run_id"]: row["record_hash"] for row in rows}
    lost = [run_id for run_id, record_hash in heads if known.get(run_id) != record_hash]
    if lost:
        raise DamagedLakeError(
            f"{len(lost)} of {len(heads)} noted heads are no part of this history, the first is of run {lost[0]}",
            where=where,
            todo="the lake was rolled back, or it is another one: restore lake/ from its newest backup",
        )


def append_heads(path: Path, rows: Sequence[dict[str, Any]]) -> list[Head]:
    """Append what the file has not yet, and return it. The file is only ever appended to.

    Raises DamagedLakeError (13) if it has heads that the log has not; then nothing is written.
    """
    before = read_heads(path) if path.exists() else []
    require_heads(before, rows, str(path))
    noted = {run_id for run_id, _ in before}
    fresh = [(row["run_id"], row["record_hash"]) for row in rows if row["run_id"] not in noted]
    text = "".join(f"{record_hash}  {run_id}.json\n" for run_id, record_hash in fresh)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "ab") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    return fresh
