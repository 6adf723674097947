"""On which line of its file a row begins, for whoever has to mend it. Files are read for it, so it is asked of few."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def row_lines(path: Path, positions: Iterable[int]) -> dict[int, int]:
    """The physical line, from 1, by the number of the data row, from 1; nothing for a file that has no lines.

    The header is the first line that is not blank; blank lines are no rows, and a line break in quotes ends none.
    """
    wanted = set(positions)
    if path.suffix != ".csv" or not wanted:
        return {}
    last, found = max(wanted), dict[int, int]()
    # A file that is gone by now spoils no message: its rows are told by their numbers.
    with contextlib.suppress(OSError):
        for position, line in enumerate(_begins(path)):
            if position in wanted:
                found[position] = line
            if position >= last:
                break
    return found


def _begins(path: Path) -> Iterator[int]:
    """Lines on which a row begins; the header is row 0. Lines end with CR, LF or both."""
    inside = False
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline=None) as lines:
        for number, line in enumerate(lines, 1):
            if not inside and line != "\n":
                yield number
            inside ^= line.count('"') % 2 == 1
