"""The columns that a file must have, whatever its format (SPEC 2)."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.errors import InputRefusedError

PART_ROWS: Final = 500_000
"""Rows of a file that are handed over at once, about; no result depends on it."""


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
