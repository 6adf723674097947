"""Parquet files as frames of text: a typed value becomes what a CSV would hold (SPEC 2).

Integers, decimals, dates and timestamps with a time zone have one plain text each. Binary floats do not, a
timestamp without its zone is no moment, and nothing else was agreed on: they are refused at once.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from lake.addresses import local_path
from lake.landing.columns import PART_ROWS, require_columns
from lake.landing.parquet_limits import is_text, other_rows, require_room, require_rows
from schemas.errors import InputRefusedError

_types = pa.types
_PLAIN: Final = (
    _types.is_string,
    _types.is_large_string,
    _types.is_string_view,
    _types.is_integer,
    _types.is_decimal,
    _types.is_date,
    _types.is_null,  # a column without any value is often written without a type
)

_DAY_SECONDS: Final = 86_400
_PER_DAY: Final = {unit: _DAY_SECONDS * per for unit, per in (("ms", 10**3), ("us", 10**6), ("ns", 10**9))}
_FIRST_DAY: Final = date.min.toordinal() - date(1970, 1, 1).toordinal()
_END_DAY: Final = date.max.toordinal() - date(1970, 1, 1).toordinal() + 1
"""The years 1 to 9999 in days since 1970, the end left out."""
_INT64: Final = np.iinfo(np.int64)


def read_parquet(path: Path, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """The rows of a file in parts: `columns` as String ('' is null), position, torn (null).

    Raises InputRefusedError for a file that is not Parquet or damaged, and for a column that is missing,
    repeated or of a type that the contract does not know, naming both.
    """
    first = 1
    for table in _tables(path, columns):
        texts = pl.DataFrame({name: _text(table.column(name)) for name in columns})
        positions = pl.int_range(first, first + pl.len(), dtype=pl.Int64)
        yield texts.with_columns(positions.alias("position"), torn=pl.lit(None, pl.String))
        first += texts.height


def _tables(path: Path, columns: tuple[str, ...]) -> Iterator[pa.Table]:
    try:
        with parquet.ParquetFile(local_path(path)) as file:
            footer = file.metadata
            texts = _checked_texts(path, file.schema_arrow, columns)
        require_rows(path, footer, columns)
        # Texts as dictionaries: repeated, they may be more than any memory holds.
        with parquet.ParquetFile(local_path(path), metadata=footer, read_dictionary=texts) as file:
            read = 0
            for batch in file.iter_batches(batch_size=PART_ROWS, columns=list(columns)):
                # Parquet's text is whatever bytes the writer put there; Polars would trust it.
                batch.validate(full=True)
                require_room(path, batch, read)
                read += batch.num_rows
                yield pa.Table.from_batches([batch])
        if read != footer.num_rows:
            raise other_rows(path, footer.num_rows, read)
    except (pa.ArrowException, OSError) as fault:
        raise InputRefusedError(
            f"the file is not Parquet, or damaged: {fault}",
            where=str(path),
            todo="have the file delivered again, or under the right name",
        ) from fault


def _checked_texts(path: Path, schema: pa.Schema, columns: tuple[str, ...]) -> list[str]:
    """The columns that hold text; InputRefusedError if one is missing, repeated or of another type than was agreed."""
    require_columns(path, schema.names, columns)
    for name in columns:
        _require_type(path, name, schema.field(name).type)
    return [name for name in columns if is_text(schema.field(name).type)]


def _require_type(path: Path, name: str, kind: pa.DataType) -> None:
    """Refuse a column whose values have no exact text."""
    fault = _fault(kind)
    if fault:
        raise InputRefusedError(
            f"column {name!r} has type {kind}: {fault}",
            where=str(path),
            todo="deliver it as text, integer, decimal, date or timestamp with a time zone",
        )


def _fault(kind: pa.DataType) -> str:
    """Why a type is refused; empty if it is taken."""
    if _types.is_dictionary(kind):
        return _fault(kind.value_type)
    if _types.is_floating(kind):
        return "a binary float does not hold an exact amount, rate or id"
    if _types.is_timestamp(kind):
        return "" if kind.tz else "a timestamp without a time zone is no moment"
    return "" if _is_plain(kind) else "the contract does not know this type"


def _is_plain(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _PLAIN)


def _text(column: pa.ChunkedArray) -> pl.Series:
    """The column as a CSV would write it; empty text is null."""
    if _types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if _types.is_timestamp(column.type):
        # The instant is the same in any zone, and Polars knows fewer names of zones than Parquet's writers use.
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    if _types.is_decimal256(column.type):
        # Polars has no such type, and Arrow's own text of a small decimal has an exponent.
        values = column.to_pylist()
        return pl.Series([None if value is None else format(value, "f") for value in values], dtype=pl.String)
    cells = pl.Series(pl.from_arrow(column, rechunk=False))
    if isinstance(cells.dtype, pl.Datetime):
        return _calendar(cells, _PER_DAY[cells.dtype.time_unit], "%Y-%m-%dT%H:%M:%S%.6f+00:00")
    if cells.dtype == pl.Date:
        return _calendar(cells, 1, "%Y-%m-%d")
    text = cells.cast(pl.String)
    return text.set(text == "", None)


def _calendar(values: pl.Series, per_day: int, written: str) -> pl.Series:
    """Dates or moments as text; outside the years 1 to 9999 the bare number, which nobody reads as either."""
    number = values.to_physical().cast(pl.Int64)
    limits = (max(_FIRST_DAY * per_day, _INT64.min), min(_END_DAY * per_day, _INT64.max))
    has_date = number.is_between(*limits, closed="left").fill_null(False)
    return values.set(~has_date, None).dt.strftime(written).zip_with(has_date, number.cast(pl.String))
