"""The rows as they came, kept packed until it is known which of them are refused: few, but nobody knows which yet."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

import polars as pl


@dataclass
class Texts:
    """Text rows of a block of days, in parts as they were read, each with the numbers of its rows.

    `empty`: a part without rows. `rows`: how many came, by business date, counted before anything was judged.
    """

    empty: pl.DataFrame
    rows: Counter[date] = field(default_factory=Counter)
    _parts: list[tuple[int, int, bytes]] = field(default_factory=list)

    def keep(self, part: pl.DataFrame) -> None:
        """Pack a part, of one day, whose `row_no` goes on where the last one's ended."""
        if part.is_empty():
            return
        self.rows[part["business_date"][0]] += part.height
        packed = BytesIO()
        part.write_parquet(packed, compression="lz4", statistics=False)
        self._parts.append((part["row_no"][0], part["row_no"][-1], packed.getvalue()))

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The texts of some rows, in order of `row_no`, with the columns of `rows` beside them."""
        found = [self.empty.join(rows.clear(), on="row_no")]
        for first, last, packed in self._parts:
            wanted = rows.filter(pl.col("row_no").is_between(first, last))
            if not wanted.is_empty():
                part = pl.read_parquet(BytesIO(packed))
                found.append(part.join(wanted, on="row_no", maintain_order="left"))
        return pl.concat(found)
