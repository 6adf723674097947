"""`settle export`."""

import sys
from pathlib import Path

from flows.answers import print_json, say
from flows.months import first_of_month
from flows.settings import Settings
from marts.exports.month import export_month


def export(settings: Settings, month: str, folder: Path) -> None:
    """Write a month's files and say which. A month that is not complete is told on stderr."""
    period, made = export_month(settings.warehouse, first_of_month(month), folder)
    if not period.complete:
        print(
            f"{month} is not complete: it is settled through {period.last}, do not pay by these files", file=sys.stderr
        )
    if settings.as_json:
        exports = [{"subject": each.subject, "rows": each.rows, "files": list(map(str, each.paths))} for each in made]
        print_json({"month": month, "through": period.last, "complete": period.complete, "exports": exports})
        return
    for each in made:
        say(f"{each.rows:>10,} rows  {', '.join(map(str, each.paths))}")
