"""What a Parquet file may unfold to: a few kilobytes can stand for more rows, or more text, than any memory holds."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import FileMetaData

from lake.landing.columns import CELL_BYTES, too_long
from schemas.errors import InputRefusedError

ROWS_PER_BYTE: Final = 8
"""Rows that a byte of the file may stand for. Where every row has an id of its own it is less than one."""
PART_BYTES: Final = 1 << 30
"""Text of a part of a file, its columns together. A part of ordinary rows has less than a tenth of it."""
_TODO: Final = "have the file delivered again, by a program that writes one row a transaction"


def require_rows(path: Path, footer: FileMetaData, columns: tuple[str, ...]) -> None:
    """Raise InputRefusedError (12) if the footer promises more rows than the file can have, or contradicts itself."""
    size = path.stat().st_size
    if footer.num_rows > ROWS_PER_BYTE * size:
        raise InputRefusedError(
            f"the file has {size:,} bytes and promises {footer.num_rows:,} rows: they cannot all be different",
            where=str(path),
            todo=_TODO,
        )
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    if sum(group.num_rows for group in groups) != footer.num_rows:
        raise other_rows(path, footer.num_rows, sum(group.num_rows for group in groups))
    for group in groups:
        for number in range(group.num_columns):
            column = group.column(number)
            if column.path_in_schema in columns and column.num_values != group.num_rows:
                raise other_rows(path, group.num_rows, column.num_values)


def require_room(path: Path, batch: pa.RecordBatch, before: int) -> None:
    """Raise InputRefusedError (12) if the texts of a batch are longer than anybody needs. `before`: rows before it."""
    total = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_dictionary(column.type) or not is_text(column.type.value_type):
            continue
        lengths = pc.binary_length(column.dictionary).cast(pa.int64())
        if (pc.max(lengths).as_py() or 0) > CELL_BYTES:
            raise too_long(path, f"column {name!r}, in the rows from {before + 1:,} on")
        total += pc.sum(lengths.take(column.indices)).as_py() or 0
    if total > PART_BYTES:
        raise InputRefusedError(
            f"{batch.num_rows:,} rows, from row {before + 1:,} on, unfold to {total:,} bytes of text",
            where=str(path),
            todo=f"have it delivered with at most {PART_BYTES:,} bytes in so many rows",
        )


def other_rows(path: Path, promised: int, found: int) -> InputRefusedError:
    """How a file is refused (12) that has other rows than it says."""
    return InputRefusedError(
        f"the file's footer promises {promised:,} rows where there are {found:,}",
        where=str(path),
        todo="the file was damaged or cut together: have it delivered again",
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type can be read as a dictionary of texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
