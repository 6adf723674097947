"""What a table of the lake is."""

from dataclasses import dataclass
from typing import Final

import polars as pl

ID: Final = pl.Int64
BUSINESS_DATE: Final = "business_date"
LONG_SUM: Final = pl.Decimal(38, 0)
"""Sums of amounts as they came: refused rows may carry any number, and no sum of them may fail."""


@dataclass(frozen=True)
class Table:
    """One table: `schema` in column order, `key` (unique, and the sort order of files), `partition` of its files.

    `dated`: a file holds rows of some business dates that follow on each other, one at least, and its name says the
    first and the last. A table that is neither dated nor partitioned is small: one file.
    `optional` columns may be null; every other column may not.
    """

    name: str
    schema: dict[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    partition: tuple[str, ...] = ()
    dated: bool = False
    optional: frozenset[str] = frozenset()

    @property
    def is_small(self) -> bool:
        """Whether all its rows are one file, written anew by every run that changes it."""
        return not (self.dated or self.partition)

    @property
    def types(self) -> pl.Schema:
        """The columns' types, for casts."""
        return pl.Schema(self.schema)

    def empty(self) -> pl.DataFrame:
        """No rows, all columns."""
        return pl.DataFrame(schema=self.schema)
