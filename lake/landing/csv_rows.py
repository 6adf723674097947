"""CSV files as frames of text, every data row accounted for (SPEC 2 and 3)."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from lake.landing.columns import PART_ROWS, require_columns
from lake.landing.csv_parser import parse
from lake.landing.csv_source import line_at, not_csv, require_sound
from schemas.errors import InputRefusedError

_LINE_ENDS: Final = b"\r\n"
_CELL: Final = re.compile(r'(?:"((?:[^"]|"")*)"|([^,"]*))(?:,|$)')
_SHOWN: Final = 120
"""Characters of a row that a message quotes."""


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """The data rows of a file in parts: `columns` as String (empty is null, quoted or not), position, torn.

    Byte order mark, CRLF, blank lines, quoted line breaks and a missing final line end are all fine. Raises
    InputRefusedError for a file that is not UTF-8, has no header with these columns, has a quote where none may be, or
    ends with a torn row without a line end; then before the first part.
    """
    header = _header(path, columns)
    batches, torn = parse(path, columns)
    if torn and not _is_ended(path) and max(torn) == sum(batch.num_rows for batch in batches) + len(torn):
        raise _no_last_row(path, torn[max(torn)], len(header))
    yield from _with_positions(batches, torn, columns, header)


def _header(path: Path, columns: tuple[str, ...]) -> list[str]:
    """The names in the first line that is not blank, all `columns` among them."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            header = next((row for row in csv.reader(lines) if row), [])
        require_columns(path, header, columns)
    except (csv.Error, InputRefusedError) as fault:
        # A quote or a byte that is wrong explains a header that is.
        require_sound(path)
        raise not_csv(path, str(fault)) if isinstance(fault, csv.Error) else fault from None
    return header


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, io.SEEK_END)
        return file.read(1) in _LINE_ENDS


def _with_positions(
    batches: list[pa.RecordBatch], torn: dict[int, str], columns: tuple[str, ...], header: list[str]
) -> Iterator[pl.DataFrame]:
    """Rows and torn rows together, numbered from 1 in file order, in parts; each batch is let go once it is told."""
    last = sum(batch.num_rows for batch in batches) + len(torn)
    is_whole = np.ones(last, dtype=np.bool_)
    is_whole[np.fromiter(torn, dtype=np.int64, count=len(torn)) - 1] = False
    positions = np.flatnonzero(is_whole) + 1
    before = first = 0
    while batches or before < last:
        rows = _next_part(batches, columns)
        till = int(positions[first + rows.height - 1]) if batches else last
        of_rows = pl.Series("position", positions[first : first + rows.height], dtype=pl.Int64)
        whole = rows.with_columns(of_rows, torn=pl.lit(None, pl.String))
        others = {position: text for position, text in torn.items() if before < position <= till}
        yield _with_torn(whole, others, header) if others else whole
        before, first = till, first + rows.height


def _next_part(batches: list[pa.RecordBatch], columns: tuple[str, ...]) -> pl.DataFrame:
    """PART_ROWS rows or some more, taken off `batches`."""
    taken: list[pa.RecordBatch] = []
    while batches and sum(batch.num_rows for batch in taken) < PART_ROWS:
        taken.append(batches.pop(0))
    if not taken:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(taken), rechunk=False))


def _with_torn(whole: pl.DataFrame, torn: dict[int, str], header: list[str]) -> pl.DataFrame:
    others = [{**_cells(text, header), "position": position, "torn": text} for position, text in torn.items()]
    return pl.concat([whole, pl.DataFrame(others, schema=whole.schema)]).sort("position")


def _cells(text: str, header: list[str]) -> dict[str, str | None]:
    """The cells of a torn row as far as they go: its id, mostly, so that a person can find it."""
    return {name: cell or None for name, cell in zip(header, _split(text), strict=False)}


def _split(text: str) -> Iterator[str]:
    """The cells of a row, however long they are; its quotes are known to be where they may be."""
    for cell in _CELL.finditer(text):
        yield cell[2] if cell[1] is None else cell[1].replace('""', '"')
        if not cell[0].endswith(","):
            return


def _no_last_row(path: Path, text: str, names: int) -> InputRefusedError:
    """How a file is refused (12) whose last line is no row: its sender alone knows whether it was meant to be one."""
    line = line_at(path, path.stat().st_size) - len(re.findall(r"\r\n|\r|\n", text))
    shown = repr(text[:_SHOWN]) + (" ..." if len(text) > _SHOWN else "")
    return InputRefusedError(
        f"the last line has {sum(1 for _ in _split(text))} cells where the header has {names}, and no line end: "
        f"either it is no row but a trailer, or the file is cut off in the middle: {shown}",
        where=f"{path}, line {line}",
        todo="if it is a trailer (a sum, a count), have the files delivered without one; "
        "if the file was cut off, have the whole file delivered again",
    )
