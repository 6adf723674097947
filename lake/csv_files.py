"""CSV files as frames of text, every data row accounted for (SPEC 2 and 3).

Arrow parses on all cores, but a quote that is never closed is no fault to it. Hence the *probe*: a row of our
own with one cell too many, fed to the parser after the last byte of the file. The parser has to report it as
ragged; if it does not, an open quote has swallowed it, and the file was cut off in the middle.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from lake.file_columns import PART_ROWS, require_columns
from schemas.errors import InputRefusedError

_BLOCK: Final = 8 << 20
_LARGEST_BLOCK: Final = 2**31 - 2
_LINE_ENDS: Final = b"\r\n"
_PROBE: Final = "\x01end of file\x01"
_FOREIGN: Final = {b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\xff\xfe": "UTF-16"}


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """The data rows of a file in parts: `columns` as String (empty is null, quoted or not), position, torn.

    Byte order mark, CRLF, blank lines, quoted line breaks and a missing final line end are all fine. Raises
    InputRefusedError for a file that is not UTF-8, has no header with these columns, or is cut off; then before the
    first part.
    """
    header = _header(path)
    require_columns(path, header, columns)
    probe = ",".join([_PROBE] * (len(header) + 1))
    batches, torn = _parse(path, columns, probe)
    if torn and not _is_ended(path) and max(torn) == sum(batch.num_rows for batch in batches) + len(torn):
        cells = "its last row has not as many cells as the header, and no line end"
        raise _cut_off(path, cells)
    yield from _with_positions(batches, torn, columns, header)


def _header(path: Path) -> list[str]:
    """The names in the first line that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return next((row for row in csv.reader(lines) if row), [])
    except (UnicodeDecodeError, csv.Error) as fault:
        raise _not_csv(path, str(fault)) from fault


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, io.SEEK_END)
        return file.read(1) in _LINE_ENDS


def _parse(path: Path, columns: tuple[str, ...], probe: str) -> tuple[list[pa.RecordBatch], dict[int, str]]:
    """The whole rows in file order, in batches, and the raw text of the ragged ones by position."""
    ragged = _Ragged(probe)
    try:
        table = _parse_with(path, columns, ragged, use_threads=True)
    except _RaggedRowsError:
        # Only one thread can say at which position a row stood: the price is paid by ragged files alone.
        ragged = _Ragged(probe, collect=True)
        table = _parse_with(path, columns, ragged, use_threads=False)
    if not ragged.probe_seen:
        raise _cut_off(path, "it ends inside a quoted cell")
    return [batch for batch in table.to_batches() if batch.num_rows], ragged.texts


class _RaggedRowsError(Exception):
    """The file has ragged rows and this pass was not collecting them."""


@dataclass
class _Ragged:
    """What becomes of the rows that have too few or too many cells."""

    probe: str
    collect: bool = False
    probe_seen: bool = False
    found: bool = False
    texts: dict[int, str] = field(default_factory=dict)

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        """Arrow's question about one invalid row, answered ``skip`` or ``error``."""
        if row.text == self.probe:
            self.probe_seen = True
            return "skip"
        self.found = True
        if self.collect:
            self.texts[row.number - 1] = row.text
        return "skip" if self.collect else "error"


def _parse_with(path: Path, columns: tuple[str, ...], ragged: _Ragged, *, use_threads: bool) -> pa.Table:
    """One pass over the file; a cell larger than a block asks for a second pass in a single block."""
    largest = min(path.stat().st_size + len(ragged.probe.encode()) + 2, _LARGEST_BLOCK)
    for block in sorted({min(_BLOCK, largest), largest}):
        try:
            return _arrow_table(path, columns, ragged, block, use_threads=use_threads)
        except pa.ArrowInvalid as fault:
            if ragged.found and not ragged.collect:
                raise _RaggedRowsError from fault
            if "straddling" not in str(fault) or block == largest:
                raise _not_csv(path, str(fault)) from fault
        except UnicodeDecodeError as fault:
            raise _not_csv(path, f"not UTF-8: {fault.reason}: {fault.object[fault.start : fault.end]!r}") from fault
    raise AssertionError("the last block size returns or raises")


def _arrow_table(path: Path, columns: tuple[str, ...], ragged: _Ragged, block: int, *, use_threads: bool) -> pa.Table:
    with _WithProbe(path, ragged.probe) as source:
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


class _WithProbe(io.RawIOBase):
    """The bytes of a file, then the probe in a line of its own; refuses bytes that are not UTF-8."""

    def __init__(self, path: Path, probe: str) -> None:
        self._parts = [path.open("rb", buffering=0), io.BytesIO(f"\n{probe}\n".encode())]
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def readable(self) -> bool:
        """Yes: Arrow asks."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer only at the end: Arrow expects the whole header in the first block."""
        block = b""
        while self._parts and len(block) < size:
            more = self._parts[0].read(size - len(block)) or b""
            self._decoder.decode(more)
            if not more:
                self._parts.pop(0).close()
            block = block + more if block else more
        return block

    def close(self) -> None:
        """Close what is still open."""
        for part in self._parts:
            part.close()
        super().close()


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
    cells = next(csv.reader([text]), [])
    return {name: cell or None for name, cell in zip(header, cells, strict=False)}


def _cut_off(path: Path, how: str) -> InputRefusedError:
    return InputRefusedError(
        f"the file is cut off in the middle: {how}",
        where=str(path),
        todo="have the whole file delivered again",
    )


def _not_csv(path: Path, fault: str) -> InputRefusedError:
    with path.open("rb") as file:
        start = file.read(4)
    looks = "".join(f"; it looks like {name}" for magic, name in _FOREIGN.items() if start.startswith(magic))
    return InputRefusedError(
        f"the file is not CSV in UTF-8{looks}: {fault}",
        where=str(path),
        todo="have it delivered as UTF-8 CSV with a header and commas, or under the right name",
    )
