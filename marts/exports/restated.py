"""What was restated of a month, and in it: read from the warehouse and told on each workbook's cover (SPEC 14)."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from marts.reading import Connection, Row, row, rows

if TYPE_CHECKING:
    # Reports, which list the same, are no workbooks.
    from xlsxwriter.worksheet import Worksheet

ONLY_RESTATED: Final = ("restated", "correction", "corrected")
"""Columns whose names begin so say something only of a month that restatements concern."""
_ANY: Final = """
select count(*) > 0 as concerned
from restated_days
where
    restated_date between getvariable('first') and getvariable('last')
    or business_date between getvariable('first') and getvariable('last')
"""


def is_concerned(connection: Connection) -> bool:
    """Whether days of the chosen month were restated, or restatements were booked in it."""
    return bool(row(connection, _ANY)["concerned"])


def bookings(connection: Connection, concerns: str) -> list[Row]:
    """What restatements moved on a page, by run, kind and asset, of the chosen days and of other days apart.

    `concerns`: which rows of `restatements` move it, in SQL.
    """
    sql = files("marts.exports").joinpath("sql", "bookings.sql").read_text(encoding="utf-8")
    return rows(connection, sql.format(concerns=concerns))


def in_words(found: Sequence[Row]) -> str:
    """One line: `no`, or how many days were restated when."""
    told = [_days(found, of_month, words) for of_month, words in ((True, "this month's"), (False, "other months'"))]
    return "; ".join(each for each in told if each) or "no"


def _days(found: Sequence[Row], of_month: bool, words: str) -> str:
    concerned = [each for each in found if each["of_this_month"] == of_month]
    if not concerned:
        return ""
    first, last = min(each["first_day"] for each in concerned), max(each["last_day"] for each in concerned)
    booked = sorted({each["business_date"] for each in concerned})
    return f"yes: {words} closed days {_span(first, last)}, booked on {', '.join(map(str, booked))}"


def write_bookings(sheet: "Worksheet", formats: Mapping[str, Any], found: Sequence[Row], at: int) -> int:
    """The list of what was restated, from row `at` of a cover on; returns the row after it."""
    if not found:
        return at
    heads = ("head", "head_left", "head_left", "head_right", "head_left")
    for column, heading in enumerate(("Restated: booked on", "Run", "What", "Difference", "Of which closed days")):
        sheet.write_string(at, column, heading, formats[heads[column]])
    for number, each in enumerate(found, start=at + 1):
        what = f"{each['kind']}, {each['asset']}" if each["kind"] else "no amount of this page"
        sheet.write_string(number, 0, str(each["business_date"]))
        sheet.write_string(number, 1, each["run_id"], formats["text"])
        sheet.write_string(number, 2, what, formats["text"])
        sheet.write_number(number, 3, each["difference"], formats["amount"])
        sheet.write_string(number, 4, _concerned(each), formats["text"])
    return at + len(found) + 2


def _concerned(each: Row) -> str:
    whose = "of this month" if each["of_this_month"] else "of other months, booked in this one"
    days = "1 closed day" if each["days"] == 1 else f"{each['days']:,} closed days"
    holders = f"; holders: {each['holders']:,}" if each["kind"] else ""
    return f"{days} {whose}, {_span(each['first_day'], each['last_day'])}{holders}"


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
