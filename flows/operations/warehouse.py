"""The warehouse of a root (SPEC 12, 13): nobody else's file is written over, and what somebody changed in it is told.

What was published is noted in `<root>/lake/published.json`, by the path of the warehouse: whoever writes to the file
changes its size, its time or its bytes.
"""

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lake.digest import digest, read_note
from lake.runs.head import require_history
from lake.runs.log import RunLog
from lake.runs.run import OLDEST
from schemas.errors import ControlFailedError, DamagedLakeError, UsageError

NOTE: Final = "published.json"
_ANOTHER: Final = (
    "name another file with --warehouse (or SETTLE_WAREHOUSE); if this one is not needed any more, remove it"
)


def require_own(root: Path, warehouse: Path, *, over_demo: bool = False) -> None:
    """Raise UsageError (2) if the file at `warehouse` is not this root's to replace.

    Raises DamagedLakeError (13) if it shows a run that the lake has lost. `over_demo`: what any demo has made may be
    replaced. A file that cannot be read is this root's if it is the very file that was published.
    """
    path = Path(os.path.realpath(warehouse))
    if not os.path.lexists(path) or not _size_of_file(path):
        return
    # Slow to import: only where there is a warehouse.
    from marts.ownership import UnreadableError, shown  # noqa: PLC0415

    try:
        found = shown(path)
    except UnreadableError as fault:
        if _noted(root, path).get("inode") == path.stat().st_ino:
            return
        raise UsageError(
            f"the file there is no warehouse that can be read: {fault}",
            where=str(path),
            todo=_ANOTHER,
        ) from fault
    if found is None:
        raise UsageError("the file there is a database of somebody else", where=str(path), todo=_ANOTHER)
    if over_demo and found.is_demo:
        return
    log = RunLog(root / "lake", OLDEST).frame()
    if log.is_empty():
        require_history(root / "lake", [])  # a lake that has lost its log is told as such, not as another one
    rows = log.select("run_id", "record_hash").rows()
    if not rows or rows[0][1] != found.first:
        raise UsageError(
            f"another root has published this warehouse: its runs are not those of the lake below {root}",
            where=str(path),
            todo=_ANOTHER,
        )
    _require_run(rows, found.run_id, found.record_hash, path)


def _require_run(rows: Sequence[tuple[Any, ...]], run_id: str, record_hash: str, path: Path) -> None:
    if (run_id, record_hash) not in rows:
        raise DamagedLakeError(
            f"the warehouse shows run {run_id}, and the lake has no such run: it ends at {rows[-1][0]}",
            where=str(path),
            todo="the lake was rolled back: restore lake/ from its newest backup; if going back is meant, move this "
            "warehouse away first",
        )


def _size_of_file(path: Path) -> int:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise UsageError("the warehouse has to be a file", where=str(path), todo=_ANOTHER)
    return found.st_size


def note_published(root: Path, warehouse: Path, built: Path) -> None:
    """Note what is about to be put in place of `warehouse`."""
    path, note = os.path.realpath(warehouse), root / "lake" / NOTE
    notes = {**_notes(root), path: {**_stamp(built), "sha256": digest(built)}}
    beside = note.with_suffix(".tmp")
    beside.write_text(json.dumps(notes, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(note)


def changed(root: Path, warehouse: Path, *, every_byte: bool = False) -> str | None:
    """What somebody has changed in the published file, in words; None if nothing has, or nothing is known of it.

    `every_byte`: look at them even where size, time and inode are as they were.
    """
    path = Path(os.path.realpath(warehouse))
    noted = _noted(root, path)
    if not noted or not path.is_file():
        return None
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        return f"somebody has written to {path} and left {log.name} beside it"
    same = all(noted.get(name) == value for name, value in _stamp(path).items())
    if same and not every_byte:
        return None
    return None if digest(path) == noted.get("sha256") else f"{path} is not what was published: somebody has changed it"


def require_unchanged(root: Path, warehouse: Path) -> None:
    """Raise ControlFailedError (13) if the published file is not what was published, byte for byte."""
    what = changed(root, warehouse, every_byte=True)
    if what:
        raise ControlFailedError(
            what, where=str(warehouse), todo="`settle publish` makes it anew from the lake; so does the next night"
        )


def _stamp(path: Path) -> dict[str, int]:
    found = path.stat()
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "inode": found.st_ino}


def _noted(root: Path, path: Path) -> dict[str, Any]:
    found = _notes(root).get(str(path))
    return found if isinstance(found, dict) else {}


def _notes(root: Path) -> dict[str, Any]:
    """The notes; none if they are lost or garbled: then nothing is known."""
    return read_note(root / "lake" / NOTE) or {}
