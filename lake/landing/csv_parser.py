"""One pass of Arrow's parser over a CSV file, every byte of it looked at on the way (SPEC 2 and 3)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import csv as arrow_csv

from lake.landing.columns import CELL_BYTES, too_long
from lake.landing.csv_source import CsvSource, not_csv

_BLOCK: Final = 8 << 20


def parse(path: Path, columns: tuple[str, ...]) -> tuple[list[pa.RecordBatch], dict[int, str]]:
    """The whole rows in file order, in batches, and the raw text of the ragged ones by position.

    Raises InputRefusedError (12) for a file that cannot be read to its end, or has a quote where none may be.
    """
    try:
        ragged = _Ragged()
        table = _parse_with(path, columns, ragged, use_threads=True)
    except _RaggedRowsError:
        # Only one thread can say at which position a row stood: the price is paid by ragged files alone.
        ragged = _Ragged(collect=True)
        table = _parse_with(path, columns, ragged, use_threads=False)
    return [batch for batch in table.to_batches() if batch.num_rows], ragged.texts


class _RaggedRowsError(Exception):
    """The file has ragged rows and this pass was not collecting them."""


@dataclass
class _Ragged:
    """What becomes of the rows that have too few or too many cells."""

    collect: bool = False
    found: bool = False
    texts: dict[int, str] = field(default_factory=dict)

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        """Arrow's question about one invalid row, answered ``skip`` or ``error``."""
        self.found = True
        if self.collect:
            self.texts[row.number - 1] = row.text
        return "skip" if self.collect else "error"


def _parse_with(path: Path, columns: tuple[str, ...], ragged: _Ragged, *, use_threads: bool) -> pa.Table:
    """One pass over the file; a row larger than a block asks for a second pass in blocks as large as a row may be."""
    largest = min(path.stat().st_size + 1, CELL_BYTES)
    for block in sorted({min(_BLOCK, largest), largest}):
        with CsvSource(path) as source:
            try:
                return _arrow_table(source, columns, ragged, block, use_threads=use_threads)
            except (pa.ArrowInvalid, ValueError) as fault:
                if source.refused:
                    raise source.refused from None
                if ragged.found and not ragged.collect:
                    raise _RaggedRowsError from fault
                if "straddling" not in str(fault):
                    raise not_csv(path, str(fault)) from fault
                if block == largest:
                    raise too_long(path, _longest_row(path)) from fault
    raise AssertionError("the last block size returns or raises")


def _longest_row(path: Path) -> str:
    """The line on which the first row begins that is longer than a row may be."""
    begin = number = 1
    length, inside = 0, False
    with path.open("rb") as file:
        while length <= CELL_BYTES // 2 and (piece := file.readline(CELL_BYTES)):
            length += len(piece)
            inside ^= bool(piece.count(b'"') % 2)
            if piece.endswith(b"\n"):
                number += 1
                begin, length = (begin, length) if inside else (number, 0)
    return f"line {begin}"


def _arrow_table(
    source: CsvSource, columns: tuple[str, ...], ragged: _Ragged, block: int, *, use_threads: bool
) -> pa.Table:
    return arrow_csv.read_csv(
        pa.PythonFile(source, mode="r"),
        read_options=arrow_csv.ReadOptions(use_threads=use_threads, block_size=block),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(columns, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,  # done for the whole file, ignored columns too, by the source
        ),
    )
