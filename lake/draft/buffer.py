"""Rows of a run that nobody reads yet: gathered, so that they become few files."""

from typing import Final

import polars as pl

GATHERED_ROWS: Final = 1_000_000
"""How many rows of a table may be gathered in memory; no result depends on it."""


class Gathering:
    """Frames by table, in the order in which they came."""

    def __init__(self) -> None:
        self._frames: dict[str, list[pl.DataFrame]] = {}

    def add(self, table: str, frame: pl.DataFrame) -> bool:
        """Keep `frame`; returns whether the table has more than GATHERED_ROWS now."""
        if not frame.is_empty():
            self._frames.setdefault(table, []).append(frame)
        return self.rows(table) > GATHERED_ROWS

    def rows(self, table: str) -> int:
        """How many rows of the table are kept."""
        return sum(frame.height for frame in self._frames.get(table, ()))

    def take(self, table: str) -> pl.DataFrame:
        """All of them, which are let go. The table must have some."""
        return pl.concat(self._frames.pop(table))

    def tables(self) -> list[str]:
        """Tables of which rows are kept."""
        return list(self._frames)
