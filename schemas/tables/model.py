"""What a table of the lake is."""

from dataclasses import dataclass
from typing import Final

import polars as pl

ID: Final = pl.Int64
LONG_SUM: Final = pl.Decimal(38, 0)
"""Sums of amounts as they came: refused rows may carry any number, and no sum of them may fail."""


@dataclass(frozen=True)
class Table:
    """One table: `schema` in column order, `key` (unique, and the sort order of files), `partition` of its files.

    `optional` columns may be null; every other column may not.
    """

    name: str
    schema: dict[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    partition: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def types(self) -> pl.Schema:
        """The columns' types, for casts."""
        return pl.Schema(self.schema)

    def empty(self) -> pl.DataFrame:
        """No rows, all columns."""
        return pl.DataFrame(schema=self.schema)
