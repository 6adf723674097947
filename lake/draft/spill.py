"""Rows that wait for a verdict on others, on disk, so that a day of any size waits in little memory.

A run's lie under the lake in a folder of its own, which is gone when the run ends; no table knows of them.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

import polars as pl

from lake.addresses import local_path, scan_files
from schemas.steps import step

FOLDER: Final = ".waiting"
PLAIN_ROWS: Final = 600_000
"""Rows that may wait in memory; of a day of more the others wait on disk. No result depends on it."""
FILE_ROWS: Final = 40_000
"""Rows of a file, at least: of frames of fewer several are gathered first. No result depends on it."""


class WaitingRoom:
    """The folder of one run's waiting rows; it is made when something comes to lie in it."""

    def __init__(self, lake: Path, run_id: str) -> None:
        self._folder, self._numbers = lake / FOLDER / run_id, count(1)

    def frames(self, empty: pl.DataFrame, plain: int | None = None) -> "Waiting":
        """A place for frames of the shape of `empty`; by default PLAIN_ROWS of their rows may stay in memory."""
        return Waiting(empty, PLAIN_ROWS if plain is None else plain, self._place)

    def _place(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{next(self._numbers):05d}.parquet"

    def close(self) -> None:
        """Let go of whatever still waits."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # other runs' rows may lie there, of the dead too
            self._folder.parent.rmdir()


class Waiting:
    """Frames of one shape, whose `row_no` ascends from one to the next. `empty`: a frame without rows; `plain`: rows
    that may stay in memory; `place` names a new file in a folder that exists."""

    def __init__(self, empty: pl.DataFrame, plain: int, place: Callable[[], Path]) -> None:
        self._empty, self._plain, self._place = empty, plain, place
        self._rows = 0
        self._held: list[pl.DataFrame] = []
        self._stored: list[tuple[int, int, Path]] = []
        self._gathered: list[pl.DataFrame] = []

    def keep(self, rows: pl.DataFrame) -> None:
        """Let these rows wait too."""
        if rows.is_empty():
            return
        self._rows += rows.height
        if self._rows <= self._plain:
            self._held.append(rows)
            return
        self._gathered.append(rows)
        if sum(frame.height for frame in self._gathered) >= FILE_ROWS:
            file = pl.concat(self._gathered)
            self._gathered.clear()
            self._stored.append((*_span(file), _written(file, self._place())))

    def of(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The rows whose `row_no` is in `rows`, in the order they were kept, with the columns of `rows` beside them."""
        yield self._empty.join(rows.clear(), on="row_no")
        held = [(*_span(frame), frame.lazy()) for frame in self._held]
        stored = [(first, last, scan_files([path])) for first, last, path in self._stored]
        gathered = [(*_span(frame), frame.lazy()) for frame in self._gathered]
        for first, last, waiting in (*held, *stored, *gathered):
            wanted = rows.filter(pl.col("row_no").is_between(first, last))
            if not wanted.is_empty():
                # Of a file the other columns are decoded only of these rows.
                found = waiting.filter(pl.col("row_no").is_in(wanted["row_no"].implode())).collect()
                yield found.join(wanted, on="row_no", maintain_order="left")

    def all(self) -> pl.DataFrame:
        """All rows, in the order they were kept."""
        stored = [scan_files([path for *_, path in self._stored]).collect()] if self._stored else []
        return pl.concat([self._empty, *self._held, *stored, *self._gathered])

    def take(self) -> pl.DataFrame:
        """The same; they wait no longer."""
        rows = self.all()
        self.drop()
        return rows

    def drop(self) -> None:
        """Let all go."""
        self._held.clear()
        self._gathered.clear()
        while self._stored:
            self._stored.pop()[-1].unlink()


def _span(rows: pl.DataFrame) -> tuple[int, int]:
    return rows["row_no"][0], rows["row_no"][-1]


def _written(rows: pl.DataFrame, path: Path) -> Path:
    step("write waiting rows")
    # Of Polars' formats this one is both the smallest and the fastest to read.
    rows.write_parquet(local_path(path), compression="lz4", statistics=False)
    step("wrote waiting rows")
    return path
