"""The bytes of a CSV file on their way to Arrow's parser, every one of them looked at (SPEC 2).

Arrow takes a stray quote for a part of its cell, and a quote that is never closed for no fault at all. It drops a line
feed that begins a block if the block before ended with a carriage return, quoted or not (apache/arrow 51368): hence no
block ends with one.
"""

import codecs
import io
from pathlib import Path
from typing import Final

from lake.landing.csv_quotes import Quotes
from schemas.errors import InputRefusedError

_BOM: Final = codecs.BOM_UTF8
_BLOCK: Final = 1 << 20
_FOREIGN: Final = {b"PAR1": "Parquet", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\xff\xfe": "UTF-16"}
_TODO: Final = "have it delivered as UTF-8 CSV with a header and commas, or under the right name"


class CsvSource(io.RawIOBase):
    """The bytes of a file without its byte order mark, and a line end after the last one.

    `refused`: why the file is refused (12), once a byte has been read that is not UTF-8, or a quote that is not
    allowed; then reading raises ValueError.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path.open("rb", buffering=0)
        self._start = len(_BOM) if self._file.read(len(_BOM)) == _BOM else 0
        self._file.seek(self._start)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._quotes = Quotes()
        self._read, self._held, self._ended = self._start, b"", False
        self.refused: InputRefusedError | None = None

    def readable(self) -> bool:
        """Yes: Arrow asks."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, one fewer where the last would be a carriage return, fewer still only at the end:
        Arrow expects the whole header in the first block."""
        block, self._held = self._held, b""
        while not self._ended and len(block) < size:
            more = self._file.read(size - len(block)) or b""
            self._look(more)
            self._ended = not more
            more = more or b"\n"
            block = block + more if block else more
        if len(block) > 1 and block.endswith(b"\r"):
            block, self._held = block[:-1], b"\r"
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _look(self, more: bytes) -> None:
        try:
            pending = len(self._decoder.getstate()[0])
            self._decoder.decode(more, final=not more)
        except UnicodeDecodeError as fault:
            self._refuse(self._not_utf8(fault, self._read - pending))
        self._quotes.see(more)
        self._read += len(more)
        if self._quotes.fault or (not more and self._quotes.open_since is not None):
            self._refuse(self._bad_quote())

    def _refuse(self, why: InputRefusedError) -> None:
        self.refused = why
        raise ValueError(why.what)

    def _not_utf8(self, fault: UnicodeDecodeError, start: int) -> InputRefusedError:
        line = line_at(self._path, start + fault.start)
        return not_csv(
            self._path, f"not UTF-8: {fault.reason}: {fault.object[fault.start : fault.end][:8]!r} on line {line}", line
        )

    def _bad_quote(self) -> InputRefusedError:
        fault, opened = self._quotes.fault, self._quotes.open_since
        if fault is None:
            assert opened is not None, "there is a fault, or an open cell"
            line = line_at(self._path, self._start + opened)
            return cut_off(self._path, f"it ends inside a quoted cell, which the quote on line {line} opens", line)
        line = line_at(self._path, self._start + fault.at)
        if fault.opened is None:
            how = f"the quote on line {line} is not at the beginning of its cell"
        else:
            before = line_at(self._path, self._start + fault.opened)
            place = "the same line" if before == line else f"line {line}"
            how = f"the quote on line {before} opens a cell, and the next one, on {place}, does not end it"
        return InputRefusedError(
            f"a quote where none may be: {how}; nobody can tell how many rows the file has",
            where=f"{self._path}, line {line}",
            todo="have the file delivered with quotes around whole cells only, and each quote inside of them doubled",
        )


def require_sound(path: Path) -> None:
    """Raise InputRefusedError (12) if a byte of the file is not UTF-8, or a quote is not allowed."""
    with CsvSource(path) as source:
        try:
            while source.read(_BLOCK):
                pass
        except ValueError:
            if source.refused:
                raise source.refused from None
            raise


def line_at(path: Path, offset: int) -> int:
    """The number of the physical line (ended by CR, LF or both), from 1, in which the byte at `offset` stands."""
    lines, before = 1, b""
    with path.open("rb") as file:
        while offset > 0 and (block := file.read(min(_BLOCK, offset))):
            lines += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            lines -= before == b"\r" and block.startswith(b"\n")
            offset, before = offset - len(block), block[-1:]
    return lines


def cut_off(path: Path, how: str, line: int) -> InputRefusedError:
    """How a file is refused (12) that is not whole."""
    return InputRefusedError(
        f"a quote too many, or the file is cut off in the middle: {how}",
        where=f"{path}, line {line}",
        todo="if a row of that line has a quote too many, have it taken away or doubled inside a quoted cell; "
        "if the file was cut off, have the whole file delivered again",
    )


def not_csv(path: Path, fault: str, line: int | None = None) -> InputRefusedError:
    """How a file is refused (12) that is no CSV in UTF-8."""
    with path.open("rb") as file:
        start = file.read(4)
    looks = "".join(f"; it looks like {name}" for magic, name in _FOREIGN.items() if start.startswith(magic))
    where = str(path) if line is None else f"{path}, line {line}"
    return InputRefusedError(f"the file is not CSV in UTF-8{looks}: {fault}", where=where, todo=_TODO)
