"""Finding a row by its id. Ids are mostly numbered in a row, and then their place is a subtraction, not a join."""

import polars as pl


def places(ids: pl.Series, of: pl.Series) -> pl.Series:
    """Where each of `ids` stands in `of` (ascending, each id once); null where it does not."""
    if of.is_empty():
        return pl.repeat(None, len(ids), dtype=pl.Int64, eager=True)
    first, last = of[0], of[-1]
    if last - first + 1 == len(of):
        place = pl.when(ids.is_between(first, last)).then(ids - first)
        return pl.select(place).to_series()
    standing = pl.DataFrame({"id": of}).with_row_index("place").cast({"place": pl.Int64})
    return pl.DataFrame({"id": ids}).join(standing, on="id", how="left", maintain_order="left")["place"]


def looked_up(ids: pl.Series, table: pl.DataFrame, key: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """`columns` of the row of `table` that has each id as its `key`, in the order of `ids`; null where there is none.

    `table` is sorted by `key`, which no two rows share.
    """
    place = places(ids, table[key])
    return table.select(pl.col(columns).gather(place))


def inverse(places: pl.Series, count: int) -> pl.Series:
    """Which of `places` (none twice, no null) each of 0..count-1 is; null where none is."""
    nowhere = pl.repeat(None, count, dtype=pl.Int64, eager=True)
    return nowhere.scatter(places, pl.int_range(len(places), eager=True))
