"""The note of the last failed run, for `settle status`. No part of the books: a good run removes it."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lake.digest import read_note
from schemas.errors import AnotherRunError, SettleError


def note_failure(root: Path, kind: str, fault: SettleError, moment: datetime) -> None:
    """Keep what went wrong under `<root>/reports`; a quarantine over the limit leaves its rows there as CSV."""
    if isinstance(fault, AnotherRunError) or not root.is_dir():
        return
    # On a full disk the note is what one can do without.
    with contextlib.suppress(OSError):
        _write_note(root / "reports", kind, fault, moment)


def report_quarantine(root: Path, fault: SettleError) -> None:
    """Leave the rows of a quarantine over the limit as CSV below `<root>/reports`."""
    with contextlib.suppress(OSError):
        _write_report(root / "reports", fault)


def _write_report(folder: Path, fault: SettleError) -> None:
    # Imported where something has failed: whoever only reads the note would wait for it.
    from flows.settlement.intake.limits import QuarantineLimitError, report_name  # noqa: PLC0415
    from flows.settlement.intake.quarantine_report import write_report  # noqa: PLC0415

    if isinstance(fault, QuarantineLimitError):
        folder.mkdir(exist_ok=True)
        write_report(folder / report_name(fault.day), fault.report, fault.folder)


def _write_note(folder: Path, kind: str, fault: SettleError, moment: datetime) -> None:
    folder.mkdir(exist_ok=True)
    note = {
        "command": kind,
        "failed_at": moment.isoformat(timespec="seconds"),
        "exit_code": fault.exit_code,
        "what": fault.what,
        "where": fault.where,
        "to_do": fault.todo,
    }
    beside = folder / "last_failure.tmp"
    try:
        beside.write_text(json.dumps(note, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(folder / "last_failure.json")
    finally:
        beside.unlink(missing_ok=True)
    _write_report(folder, fault)


def note_success(root: Path) -> None:
    """Forget the last failure."""
    with contextlib.suppress(OSError):
        (root / "reports" / "last_failure.json").unlink(missing_ok=True)


def last_failure(root: Path) -> dict[str, Any] | None:
    """The note, if the last run failed; if it cannot be read, one that says so."""
    path = root / "reports" / "last_failure.json"
    if not path.exists():
        return None
    note = read_note(path) or {}
    return note if _is_note(note) else _unreadable(path)


def _is_note(note: dict[str, Any]) -> bool:
    texts = [note.get(name) for name in ("command", "failed_at", "what", "where", "to_do")]
    try:
        return (
            all(isinstance(text, str) for text in texts)
            and datetime.fromisoformat(note["failed_at"]).tzinfo is not None
        )
    except ValueError:
        return False


def _unreadable(path: Path) -> dict[str, Any]:
    return {
        "command": "a run",
        "failed_at": datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds"),
        "exit_code": "unknown",
        "what": "the note of the last failure cannot be read",
        "where": str(path),
        "to_do": "look at the log of the last run; the next one that ends well removes the note",
    }
