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

from schemas.steps import step

FOLDER: Final = ".waiting"
PLAIN_ROWS: Final = 600_000
"""Rows that may wait in memory; of a day of more the others wait on disk. No result depends on it."""


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
    """Frames of one shape, each with ascending `row_no`. `empty`: a frame without rows; `plain`: rows that may stay in
    memory; `place` names a new file in a folder that exists."""

    def __init__(self, empty: pl.DataFrame, plain: int, place: Callable[[], Path]) -> None:
        self._empty, self._plain, self._place = empty, plain, place
        self._frames: list[tuple[int, int, pl.DataFrame | Path]] = []
        self._rows = 0

    def keep(self, rows: pl.DataFrame) -> None:
        """Let these rows wait too."""
        if rows.is_empty():
            return
        self._rows += rows.height
        held = rows if self._rows <= self._plain else _stored(rows, self._place())
        self._frames.append((rows["row_no"][0], rows["row_no"][-1], held))

    def of(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The rows whose `row_no` is in `rows`, in the order they were kept, with the columns of `rows` beside them."""
        yield self._empty.join(rows.clear(), on="row_no")
        for first, last, held in self._frames:
            wanted = rows.filter(pl.col("row_no").is_between(first, last))
            if not wanted.is_empty():
                yield _read(held).join(wanted, on="row_no", maintain_order="left")

    def all(self) -> pl.DataFrame:
        """All rows, in the order they were kept."""
        return pl.concat([self._empty, *(_read(held) for _, _, held in self._frames)])

    def release(self) -> Iterator[pl.DataFrame]:
        """All frames in order, each let go when the next is asked for."""
        yield self._empty
        while self._frames:
            held = self._frames.pop(0)[-1]
            yield _read(held)
            _let_go(held)

    def drop(self) -> None:
        """Let all go."""
        while self._frames:
            _let_go(self._frames.pop()[-1])


def _stored(rows: pl.DataFrame, path: Path) -> Path:
    step("write waiting rows")
    # Of Polars' formats this one is both the smallest and the fastest to read.
    rows.write_parquet(path, compression="lz4", statistics=False)
    step("wrote waiting rows")
    return path


def _let_go(held: pl.DataFrame | Path) -> None:
    if isinstance(held, Path):
        held.unlink()


def _read(held: pl.DataFrame | Path) -> pl.DataFrame:
    return held if isinstance(held, pl.DataFrame) else pl.read_parquet(held)
