"""Leftovers of runs that died: what they wrote and no run names (SPEC 14). Whoever tidies holds the lake's lock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lake.draft.spill import FOLDER
from lake.runs.log import RunLog
from lake.tables.files import RUN_ID, run_of
from schemas.errors import DamagedLakeError
from schemas.tables import TABLES

_RECORD: Final = re.compile(rf"({RUN_ID})\.(?:json|tmp)")


@dataclass(frozen=True)
class Leftover:
    """A file that no run will ever read. `run_id`: the run that wrote it."""

    path: Path
    run_id: str
    size: int


def leftovers(folder: Path, warehouse: Path) -> list[Leftover]:
    """Files of runs that the log does not have, under the lake `folder` and beside `warehouse`, by path.

    Raises DamagedLakeError (13) if they show that the log has lost runs: then they may be the books.
    """
    runs = RunLog(folder).frame()
    finished = set(runs["run_id"])
    named = [*_data_files(folder), *_records(folder), *_waiting_rows(folder)]
    of_runs = [found for found in named if found.run_id not in finished]
    _require_log(of_runs, runs.height, folder)
    return sorted([*of_runs, *_half_built(warehouse)], key=lambda found: found.path)


def remove(found: list[Leftover], folder: Path) -> None:
    """Remove them, and the folders of partitions and of waiting rows in the lake `folder` that this leaves empty."""
    for leftover in found:
        leftover.path.unlink(missing_ok=True)
        for parent in leftover.path.parents:
            if not _is_made_for_files(parent, folder) or any(parent.iterdir()):
                break
            parent.rmdir()


def _is_made_for_files(place: Path, folder: Path) -> bool:
    return place.is_relative_to(folder) and ("=" in place.name or FOLDER in place.relative_to(folder).parts)


def _require_log(found: list[Leftover], runs: int, folder: Path) -> None:
    """A run's number is one more than its predecessor's, so a dead run cannot be two ahead of the log."""
    ahead = [leftover for leftover in found if int(leftover.run_id.split("-")[0]) > runs + 1]
    if ahead:
        raise DamagedLakeError(
            f"run {ahead[0].run_id} has left files, but the run log ends at run {runs}: it has lost runs",
            where=str(folder / "runs"),
            todo="restore lake/runs from a backup; nothing was removed",
        )


def _data_files(folder: Path) -> Iterator[Leftover]:
    for table in TABLES:
        for path in (folder / table).rglob("*.parquet"):
            run_id = run_of(path.name)
            if run_id is not None and "_delta_log" not in path.parts:
                yield Leftover(path, run_id, path.stat().st_size)


def _records(folder: Path) -> Iterator[Leftover]:
    for path in (folder / "chain").glob("*"):
        named = _RECORD.fullmatch(path.name)
        if named:
            yield Leftover(path, named[1], path.stat().st_size)


def _waiting_rows(folder: Path) -> Iterator[Leftover]:
    for path in (folder / FOLDER).glob("*/*.parquet"):
        yield Leftover(path, path.parent.name, path.stat().st_size)


def _half_built(warehouse: Path) -> Iterator[Leftover]:
    """A warehouse is put in place or not at all, so under the lock every file beside it was abandoned, of any run."""
    beside = re.compile(rf"{re.escape(warehouse.name)}\.({RUN_ID})(?:\.wal)?")
    for path in warehouse.parent.glob("*"):
        named = beside.fullmatch(path.name)
        if named and path.is_file():
            yield Leftover(path, named[1], path.stat().st_size)
