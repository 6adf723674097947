"""The cover of a workbook: which run and rules, whether the month is complete, totals that equal the warehouse's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from marts.exports.restated import in_words, write_bookings
from marts.exports.sheets import WIDTHS, Field, printable, write_total
from marts.exports.subjects import Subject
from marts.exports.sums import Sum
from marts.period import Period
from marts.reading import Row

SOURCE: Final = 4
"""The column that says where the warehouse's total is from."""


@dataclass(frozen=True)
class Cover:
    """What the cover says beside the totals. `run`: the published run; `wanted`: control totals by column; `restated`:
    what restatements moved on the page, as `bookings` gives it."""

    subject: Subject
    period: Period
    run: Row
    rows: int
    wanted: Mapping[str, Decimal]
    restated: Sequence[Row]


def write_cover(
    sheet: Worksheet,
    formats: Mapping[str, Any],
    cover: Cover,
    fields: Sequence[Field],
    names: Sequence[str],
    totals: Mapping[str, Sum],
) -> None:
    """Write the cover. `names`: of the data sheets; `totals`: over all of them."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 3, WIDTHS["amount"])
    sheet.set_column(SOURCE, SOURCE, 68)
    printable(sheet)
    sheet.write_string(0, 0, f"{cover.subject.title} {cover.subject.term} {cover.period.label}", formats["title"])
    at = _facts(sheet, formats, cover)
    at = _controls(sheet, formats, cover, [each.name for each in fields], names, totals, at + 1)
    at = write_bookings(sheet, formats, cover.restated, at + 1) - 1 if cover.restated else at
    sheet.write_string(at + 1, 0, "Column", formats["head"])
    sheet.write_string(at + 1, 1, "Meaning", formats["head"])
    for number, each in enumerate(fields, start=at + 2):
        sheet.write_string(number, 0, each.name)
        sheet.write_string(number, 1, cover.subject.mart.columns.get(each.name, ""))


def _facts(sheet: Worksheet, formats: Mapping[str, Any], cover: Cover) -> int:
    period, run = cover.period, cover.run
    whole = "complete; days of it were restated since" if _was_restated(cover) else "complete"
    state = whole if period.complete else f"NOT COMPLETE: {period.end} is not settled yet, do not pay by this file"
    facts = (
        ("What", cover.subject.mart.comment),
        ("Days", f"{period.first} to {period.last}"),
        ("Month", state),
        ("Restated", in_words(cover.restated)),
        ("Rows", cover.rows),
        ("Run", run["run_id"]),
        ("Finished at", run["finished_at"]),
        ("Rulebook fingerprint", run["rulebook_fingerprint"]),
        ("Record hash", run["record_hash"]),
    )
    for number, (name, value) in enumerate(facts, start=1):
        sheet.write_string(number, 0, name, formats["strong"])
        alarm = name == "Month" and not period.complete
        if isinstance(value, int):
            sheet.write_number(number, 1, value, formats["count_left"])
        else:
            sheet.write_string(number, 1, value or "", formats["alarm"] if alarm else None)
    return len(facts) + 1


def _was_restated(cover: Cover) -> bool:
    return any(each["of_this_month"] for each in cover.restated)


def _controls(
    sheet: Worksheet,
    formats: Mapping[str, Any],
    cover: Cover,
    columns: Sequence[str],
    names: Sequence[str],
    totals: Mapping[str, Sum],
    at: int,
) -> int:
    heads = ("head", "head_right", "head_right", "head_right", "head_left")
    for column, heading in enumerate(("Control total", "This file", "Warehouse", "Difference", "Warehouse's source")):
        sheet.write_string(at, column, heading, formats[heads[column]])
    for number, (name, total) in enumerate(totals.items(), start=at + 1):
        letter = xl_col_to_name(columns.index(name))
        sheet.write_string(number, 0, name)
        cells = "+".join(f"'{sheet_name}'!{letter}1" for sheet_name in names)
        write_total(sheet, (number, 1), f"=ROUND({cells},2)", total, formats)
        if name in cover.wanted:
            _compared(sheet, formats, number, cover.wanted[name], total)
        source = cover.subject.control.comment if name in cover.wanted else "none: the sum of the rows of this file"
        sheet.write_string(number, SOURCE, source, formats["text"])
    return at + len(totals) + 1


def _compared(sheet: Worksheet, formats: Mapping[str, Any], number: int, wanted: Decimal, total: Sum) -> None:
    """The warehouse's total and the difference; the export has failed before if it is not zero."""
    if total.is_number:
        sheet.write_number(number, 2, wanted, formats["total"])
        sheet.write_formula(number, 3, f"=ROUND(B{number + 1}-C{number + 1},2)", formats["total"], 0)
    else:
        sheet.write_string(number, 2, f"{wanted:f}", formats["right"])
        sheet.write_string(number, 3, "0.00", formats["right"])
