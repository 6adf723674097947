"""Quarantined rows for whoever has to mend the feed (SPEC 3): reasons by count, and which value is not as wanted."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from lake.landing.row_lines import row_lines
from schemas.shown import shown
from schemas.spreadsheet import as_text
from schemas.wanted import CELLS, MERCHANTS_RATE, WANTED

EXAMPLES: Final = 3
"""Rows of each reason that a message names."""
LONGEST: Final = 60
"""Characters of a value that a message shows."""
REPORTED: Final = 100_000
"""Rows that a report holds, the first ones: nobody mends more of them by hand."""
TITLES: Final = (
    "business_date", "feed", "id", "reason", "column", "value", "wanted", "file", "line", "amount", "row as it came"
)  # fmt: skip


def told_reasons(rows: pl.DataFrame, folder: Path) -> list[str]:
    """Reasons by count, and of each the first rows with file, line, column and value. `rows`: of QUARANTINE, of one day
    and feed, whose files lie in `folder`."""
    lines = []
    counts = rows.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    for reason, count in counts.iter_rows():
        lines.append(f"{reason}: {count:,} row{'s' if count > 1 else ''}")
        first = rows.filter(reason=reason).sort("file", "position").head(EXAMPLES)
        lines += [f"  {row.place}: {row.fault}" for row in _rows(first, folder)]
    return lines


def write_report(path: Path, rows: pl.DataFrame, folder: Path) -> None:
    """The rows as a CSV that opens in a spreadsheet as it is: byte order mark, yuan, no cell that begins a formula.

    Written whole or not at all. Raises OSError.
    """
    beside = path.with_suffix(".tmp")
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(TITLES)
            for row in _rows(rows.sort("file", "position").head(REPORTED), folder):
                writer.writerow(map(as_text, row.cells))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class _Row:
    """A row of QUARANTINE, and the line that it begins on (None: its file has no lines)."""

    def __init__(self, row: Mapping[str, Any], line: int | None) -> None:
        self._row, self._line, self._column = row, line, row["faulty_column"]

    @property
    def place(self) -> str:
        where = f"line {self._line}" if self._line else f"row {self._row['position']}"
        return f"{shown(self._row['file'])}, {where}"

    @property
    def fault(self) -> str:
        return f"{self._column or 'the row'} is {_short(self._value)}; wanted: {self._wanted}"

    @property
    def cells(self) -> Iterator[str]:
        fen = self._row["amount_fen"]
        yield from (str(self._row["business_date"]), self._row["feed"], self._row["id"] or "", self._row["reason"])
        yield from (self._column or "", self._value or "", self._wanted, self._row["file"])
        yield str(self._line or f"row {self._row['position']}")
        yield "" if fen is None else f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"
        yield self._row["raw"] or ""

    @property
    def _value(self) -> str | None:
        raw = self._row["raw"] or ""
        value = json.loads(raw).get(self._column) if self._column else raw
        return None if value is None else str(value)

    @property
    def _wanted(self) -> str:
        if self._row["reason"] in ("duplicate", "conflicting_duplicate", "already_booked"):
            return "an id that stands for one row only"
        if self._row["reason"] == "concession_out_of_range" and self._value is None:
            return MERCHANTS_RATE
        return WANTED.get(self._column, CELLS) if self._column else CELLS


def _rows(rows: pl.DataFrame, folder: Path) -> Iterator[_Row]:
    lines = {
        str(file): row_lines(folder / str(file), positions)
        for file, positions in rows.group_by("file").agg("position").iter_rows()
    }
    for row in rows.iter_rows(named=True):
        yield _Row(row, lines[row["file"]].get(row["position"]))


def _short(value: str | None) -> str:
    if value is None:
        return "empty"
    text = shown(value)
    return f'"{text[:LONGEST]}..."' if len(text) > LONGEST else f'"{text}"'


def indented(lines: Sequence[str]) -> str:
    """Lines below the first one of a message."""
    return "".join(f"\n  {line}" for line in lines)


def reported(rows: pl.DataFrame) -> str:
    """Which of the rows a report holds."""
    return "all these rows" if rows.height <= REPORTED else f"the first {REPORTED:,} of {rows.height:,} rows"
