"""One pass of Arrow's parser over a CSV file, every byte of it looked at (SPEC 2 and 3).

Arrow parses on all cores, but a quote that is never closed is no fault to it. Hence the *probe*: a row of our
own with one cell too many, fed to the parser after the last byte of the file. The parser has to report it as
ragged; if it does not, an open quote has swallowed it, and the file was cut off in the middle.
"""

import codecs
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import csv as arrow_csv

from schemas.errors import InputRefusedError

_BLOCK: Final = 8 << 20
_LARGEST_BLOCK: Final = 2**31 - 2
_FOREIGN: Final = {b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\xff\xfe": "UTF-16"}


def parse(path: Path, columns: tuple[str, ...], probe: str) -> tuple[list[pa.RecordBatch], dict[int, str]]:
    """The whole rows in file order, in batches, and the raw text of the ragged ones by position.

    `probe`: the row put after the last byte. Raises InputRefusedError (12) for a file that cannot be read to its end.
    """
    ragged = _Ragged(probe)
    try:
        table = _parse_with(path, columns, ragged, use_threads=True)
    except _RaggedRowsError:
        # Only one thread can say at which position a row stood: the price is paid by ragged files alone.
        ragged = _Ragged(probe, collect=True)
        table = _parse_with(path, columns, ragged, use_threads=False)
    if not ragged.probe_seen:
        raise cut_off(path, "it ends inside a quoted cell")
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
                raise not_csv(path, str(fault)) from fault
        except UnicodeDecodeError as fault:
            raise not_csv(path, f"not UTF-8: {fault.reason}: {fault.object[fault.start : fault.end]!r}") from fault
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


def cut_off(path: Path, how: str) -> InputRefusedError:
    """How a file is refused (12) that is not whole."""
    return InputRefusedError(
        f"the file is cut off in the middle: {how}",
        where=str(path),
        todo="have the whole file delivered again",
    )


def not_csv(path: Path, fault: str) -> InputRefusedError:
    """How a file is refused (12) that is no CSV in UTF-8."""
    with path.open("rb") as file:
        start = file.read(4)
    looks = "".join(f"; it looks like {name}" for magic, name in _FOREIGN.items() if start.startswith(magic))
    return InputRefusedError(
        f"the file is not CSV in UTF-8{looks}: {fault}",
        where=str(path),
        todo="have it delivered as UTF-8 CSV with a header and commas, or under the right name",
    )
