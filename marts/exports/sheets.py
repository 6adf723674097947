"""Sheets of a workbook, row by row: totals on top, then the headings, then as many rows as a sheet may have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from marts.exports.cells import WRITERS
from marts.exports.sums import Sum

SHEET_ROWS: Final = 1_048_576 - 2
"""Rows of data a sheet takes: Excel's limit less totals and headings."""
WIDTHS: Final = {"amount": 24, "date": 16, "count": 18, "id": 22, "text": 20}
"""Of columns: the longest number that a cell may hold fits, in bold too; one that does not is shown as ####."""
FORMATS: Final[dict[str, dict[str, Any]]] = {
    "amount": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "count": {"num_format": "#,##0"},
    "count_left": {"num_format": "#,##0", "align": "left"},
    "id": {"num_format": "0", "align": "left", "indent": 1},
    "text": {"indent": 1},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "head_left": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "indent": 1},
    "head_right": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "align": "right"},
    "total": {"bold": True, "num_format": "#,##0.00;[Red]-#,##0.00"},
    "title": {"bold": True, "font_size": 16},
    "strong": {"bold": True},
    "alarm": {"bold": True, "font_color": "#B3261E"},
    "right": {"bold": True, "align": "right"},
}

NUMBERS: Final = frozenset({"amount", "count"})
"""Kinds of cells that stand on the right, and their headings with them."""
A4: Final = 9
"""Excel's number of the paper."""


@dataclass(frozen=True)
class Field:
    """A column of an export: its name and what its cells are: amount, date, count, id or text."""

    name: str
    kind: str


def field(name: str, sql_type: str) -> Field:
    """The column's kind by its type in DuckDB."""
    if sql_type.startswith("DECIMAL"):
        return Field(name, "amount")
    if sql_type == "DATE":
        return Field(name, "date")
    if sql_type == "BIGINT":
        return Field(name, "id" if name.endswith("_id") else "count")
    return Field(name, "text")


class Sheets:
    """The data sheets of one workbook. Rows are written in order and at once: nothing is kept in memory."""

    def __init__(self, book: Workbook, formats: Mapping[str, Any], title: str, fields: Sequence[Field]) -> None:
        self.book, self.formats, self.title, self.fields = book, formats, title, fields
        self.names: list[str] = []
        self.sheets: list[Worksheet] = []

    def add(self, totals: Mapping[str, Sum]) -> None:
        """One more sheet, empty so far; `totals` are of the rows that it is going to hold."""
        name = self.title if not self.names else f"{self.title} ({len(self.names) + 1})"
        sheet = self.book.add_worksheet(name)
        self.names.append(name)
        self.sheets.append(sheet)
        rows = max((each.rows for each in totals.values()), default=0)
        for column, each in enumerate(self.fields):
            sheet.set_column(column, column, WIDTHS[each.kind])
        self._totals(sheet, totals)
        for column, each in enumerate(self.fields):
            head = "head_right" if each.kind in NUMBERS else "head_left"
            sheet.write_string(1, column, each.name, self.formats[head])
        sheet.freeze_panes(2, 1)
        sheet.repeat_rows(0, 1)
        printable(sheet)
        sheet.autofilter(1, 0, max(rows + 1, 1), len(self.fields) - 1)

    def _totals(self, sheet: Worksheet, totals: Mapping[str, Sum]) -> None:
        sheet.write_string(0, 0, "Total", self.formats["strong"])
        for column, each in enumerate(self.fields):
            if each.name in totals:
                letter, total = xl_col_to_name(column), totals[each.name]
                cells = f"{letter}3:{letter}{max(total.rows, 1) + 2}"
                write_total(sheet, (0, column), total.formula(cells), total, self.formats)

    def fill(self, index: int, rows: Iterable[Sequence[Any]]) -> None:
        """Write the rows of one sheet."""
        sheet = self.sheets[index]
        writers = [(WRITERS[each.kind], self.formats[each.kind]) for each in self.fields]
        for number, values in enumerate(rows, start=2):
            for column, (value, (write, style)) in enumerate(zip(values, writers, strict=True)):
                if value is not None:
                    write(sheet, number, column, value, style)


def printable(sheet: Worksheet) -> None:
    """Printed, a sheet is one page wide, and each page says what it is of and which it is."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&C&A&R&P / &N")


def write_total(sheet: Worksheet, at: tuple[int, int], formula: str, total: Sum, formats: Mapping[str, Any]) -> None:
    """A total as a formula that already holds its value; as text where numbers would lose a fen."""
    if total.is_number:
        sheet.write_formula(*at, formula, formats["total"], total.total)
    else:
        sheet.write_string(*at, f"{total.total:f}", formats["right"])
