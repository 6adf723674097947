"""`settle tidy`."""

from pathlib import Path

from flows.commands.app import Given
from flows.commands.output import print_json, say
from flows.operations.faults import said_plainly
from flows.settings import Settings
from lake.draft.leftovers import Leftover, leftovers, remove
from lake.lock import lake_lock
from marts.publish import published_run
from schemas.errors import DamagedLakeError


def tidy(*, given: Given) -> None:
    """Remove what dead runs left behind: files that no finished run names.

    Exit code 14 while a run is at work.
    """
    settings = given
    folder = settings.root / "lake"
    with said_plainly(settings.root), lake_lock(settings.root):
        found = leftovers(folder, settings.warehouse)
        _require_dead(found, settings.warehouse)
        remove(found, folder)
    _answer(found, settings)


def _require_dead(found: list[Leftover], warehouse: Path) -> None:
    """A run that the warehouse shows was finished, so a log without it has lost it."""
    shown = published_run(warehouse)
    if any(leftover.run_id == shown and leftover.path.parent != warehouse.parent for leftover in found):
        raise DamagedLakeError(
            f"the warehouse shows run {shown}, which the run log does not have",
            where=str(warehouse),
            todo="restore lake/runs from a backup; nothing was removed",
        )


def _answer(found: list[Leftover], settings: Settings) -> None:
    total = sum(leftover.size for leftover in found)
    if settings.as_json:
        removed = [{"path": each.path, "run_id": each.run_id, "bytes": each.size} for each in found]
        print_json({"files": len(found), "bytes": total, "removed": removed})
        return
    for each in found:
        say(f"removed {each.path} ({each.size:,} bytes, run {each.run_id})")
    say(f"{len(found):,} files removed, {total:,} bytes" if found else "nothing to tidy")
