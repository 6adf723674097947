"""The warehouse as a publication (SPEC 13): built beside the old one from the lake's files, then put in its place.

A reader who has the old file open keeps it; a reader who opens the path sees the old or the new one, never half of one.
"""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb

from marts.addresses import database
from marts.building import LakeFiles, build
from schemas.errors import PublicationError
from schemas.steps import step


def publish(warehouse: Path, lake: LakeFiles, note: Callable[[Path], None] = lambda built: None) -> Path:
    """Build the warehouse of `lake` and put it in place of `warehouse`, or of what it links to. Returns its path.

    `note` is told of the built file before it is put in place. Raises PublicationError if it cannot be built; then
    `warehouse` is as it was.
    """
    target = Path(os.path.realpath(warehouse))
    beside = target.with_name(f"{target.name}.{lake.run_id}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(beside)
        step("build warehouse")
        build(beside, lake)
        note(beside)
        step("replace warehouse")
        # What somebody wrote to the old file must not be replayed onto the new one; who still writes may begin again.
        _log_of(target).unlink(missing_ok=True)
        beside.replace(target)
        _log_of(target).unlink(missing_ok=True)
        step("replaced warehouse")
    except (duckdb.Error, OSError) as fault:
        raise PublicationError(
            f"the warehouse cannot be built: {fault}",
            where=str(warehouse),
            todo="the lake holds the settled days, the warehouse is as it was: mend this, then `settle publish`",
        ) from fault
    finally:
        _remove(beside)
    return warehouse


def _remove(beside: Path) -> None:
    for path in (beside, _log_of(beside)):
        path.unlink(missing_ok=True)


def _log_of(database_file: Path) -> Path:
    """Where DuckDB logs what is not in the file yet."""
    return database_file.with_name(f"{database_file.name}.wal")


def published_run(warehouse: Path) -> str | None:
    """The run that the warehouse shows; None if there is no readable warehouse."""
    if not warehouse.exists():
        return None
    try:
        with duckdb.connect(database(warehouse), read_only=True) as connection:
            row = connection.execute("select run_id from main.publication").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None
