"""The columns that a file must have, whatever its format (SPEC 2)."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.errors import InputRefusedError

PART_ROWS: Final = 500_000
"""Rows of a file that are handed over at once, about; no result depends on it."""
CELL_BYTES: Final = 64 << 20
"""The longest text of a cell; of a row, in a CSV file."""


def require_columns(path: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    """InputRefusedError for a file that lacks or repeats one of the `wanted` columns; others are ignored."""
    times = Counter(found)
    faults = [f"column {name!r} is missing" for name in wanted if not times[name]]
    faults += [f"column {name!r} stands {times[name]} times" for name in wanted if times[name] > 1]
    if faults:
        raise InputRefusedError(
            "; ".join(faults),
            where=str(path),
            todo=f"the file has {_listed(found)}; it needs one each of {', '.join(wanted)}",
        )


def _listed(names: Sequence[str], most: int = 30) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:most])
    return (shown or "no column") + (", ..." if len(names) > most else "")


def too_long(path: Path, place: str) -> InputRefusedError:
    """How a file is refused (12) that has a text of many megabytes."""
    return InputRefusedError(
        f"a text is longer than is read: a row or cell has up to {CELL_BYTES:,} bytes",
        where=f"{path}, {place}",
        todo="have it delivered without that; a quote too many can make one cell of many lines",
    )
