"""Rows that wait for a verdict on others, packed so that a day of any size waits in little memory."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import polars as pl

PLAIN_ROWS: Final = 600_000
"""Rows that may wait as they are; a day of more has the others packed. No result depends on it."""


class Packed:
    """Frames of one shape, each with ascending `row_no`. `empty`: a frame without rows; `plain`: rows not packed."""

    def __init__(self, empty: pl.DataFrame, plain: int) -> None:
        self._empty, self._plain = empty, plain
        self._frames: list[tuple[int, int, pl.DataFrame | bytes]] = []
        self._rows = 0

    def keep(self, rows: pl.DataFrame) -> None:
        """Let these rows wait too."""
        if rows.is_empty():
            return
        self._rows += rows.height
        held = rows if self._rows <= self._plain else _packed(rows)
        self._frames.append((rows["row_no"][0], rows["row_no"][-1], held))

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows whose `row_no` is in `rows`, in the order they were kept, with the columns of `rows` beside them."""
        found = [self._empty.join(rows.clear(), on="row_no")]
        for first, last, held in self._frames:
            wanted = rows.filter(pl.col("row_no").is_between(first, last))
            if not wanted.is_empty():
                found.append(_unpacked(held).join(wanted, on="row_no", maintain_order="left"))
        return pl.concat(found)

    def release(self) -> Iterator[pl.DataFrame]:
        """All frames in order, each let go when the next is asked for."""
        yield self._empty
        while self._frames:
            yield _unpacked(self._frames.pop(0)[-1])


def _packed(rows: pl.DataFrame) -> bytes:
    # Of Polars' formats this one is both the smallest and the fastest to read.
    packed = BytesIO()
    rows.write_parquet(packed, compression="lz4", statistics=False)
    return packed.getvalue()


def _unpacked(held: pl.DataFrame | bytes) -> pl.DataFrame:
    return held if isinstance(held, pl.DataFrame) else pl.read_parquet(BytesIO(held))
