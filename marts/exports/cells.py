"""Cells of a workbook by what they hold: an amount keeps its last fen, and a text stays a text."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from marts.exports.sums import fits
from schemas.shown import shown
from schemas.spreadsheet import FORMULA

LARGEST_ID: Final = 10**15
"""From here on an id is written as text: a number cell would lose its last digits."""

Write = Callable[[Worksheet, int, int, Any, object], None]


def _amount(sheet: Worksheet, row: int, column: int, value: Decimal, style: object) -> None:
    # The cell gets the decimal's own digits; no float is made of it on this side.
    if fits(value):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, f"{value:f}")


def _id(sheet: Worksheet, row: int, column: int, value: int, style: object) -> None:
    if value < LARGEST_ID:
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def _date(sheet: Worksheet, row: int, column: int, value: date, style: object) -> None:
    sheet.write_datetime(row, column, value, style)


def _text(sheet: Worksheet, row: int, column: int, value: str, style: object) -> None:
    # Never `write`: a text that begins with "=" must stay a text.
    sheet.write_string(row, column, shown(value), style)


def _count(sheet: Worksheet, row: int, column: int, value: int, style: object) -> None:
    sheet.write_number(row, column, value, style)


WRITERS: Final[dict[str, Write]] = {"amount": _amount, "date": _date, "count": _count, "id": _id, "text": _text}
"""How a cell of each kind is written."""


def guarded(column: str) -> str:
    """SQL of a column of texts for a CSV, behind an apostrophe as `schemas.spreadsheet.as_text` puts them."""
    signs = ", ".join(f"'{sign}'" for sign in FORMULA)
    begins = f"regexp_replace({column}, '^\\s+', '')[1]"
    return f"case when {begins} in ({signs}) then chr(39) || {column} else {column} end as {column}"
