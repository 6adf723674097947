"""`settle report`."""

from datetime import date
from pathlib import Path

from flows.commands.month_option import first_of_month
from flows.commands.output import print_json, say
from flows.report.write import write_report
from flows.settings import Settings
from schemas.errors import UsageError


def report(settings: Settings, day: date | None, month: str | None, out: Path | None) -> None:
    """Write the report and say where it lies. Raises UsageError (2) if both a day and a month are given."""
    if day is not None and month is not None:
        raise UsageError("--date and --month exclude each other", todo="choose a night or a month")
    first = None if month is None else first_of_month(month)
    path = write_report(settings.root, settings.warehouse, day, first, out, settings.rulebook)
    if settings.as_json:
        print_json({"report": path, "bytes": path.stat().st_size})
    else:
        say(f"report: {path}")
