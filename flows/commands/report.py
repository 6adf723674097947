"""`settle report`."""

from pathlib import Path

from flows.commands.app import Day, Given
from flows.commands.month_option import first_of_month
from flows.commands.output import print_json, say
from flows.report.write import write_report
from schemas.errors import UsageError


def report(*, date: Day | None = None, month: str | None = None, out: Path | None = None, given: Given) -> None:
    """Write the report of a night or a month: one HTML file that opens anywhere, offline.

    Parameters
    ----------
    date
        a settled day (default: the last one)
    month
        a month such as 2025-03, instead of a day
    out
        a file that ends in .html, or a folder (default: reports/ under the root)
    """
    if date is not None and month is not None:
        raise UsageError("--date and --month exclude each other", todo="choose a night or a month")
    first = None if month is None else first_of_month(month)
    path = write_report(given.root, given.warehouse, date, first, out, given.rulebook)
    if given.as_json:
        print_json({"report": path, "bytes": path.stat().st_size})
    else:
        say(f"report: {path}")
