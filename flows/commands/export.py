"""`settle export`."""

import sys
from pathlib import Path

from flows.commands.month_option import first_of_month
from flows.commands.output import print_json, say
from flows.settings import Settings
from lake.lock import alone
from marts.exports.month import export_month
from marts.exports.subjects import RESTATEMENTS


def export(settings: Settings, month: str, folder: Path) -> None:
    """Write a month's files and say which. A month that is not complete is told on stderr.

    Raises AnotherRunError (14) if another export is being written into the folder: each set of files is of one run.
    """
    first = first_of_month(month)
    with alone(folder, ".export.lock", "another export is being written into this folder"):
        period, made = export_month(settings.warehouse, first, folder)
    if not period.complete:
        print(
            f"{month} is not complete: it is settled through {period.last}, do not pay by these files", file=sys.stderr
        )
    restated = any(each.subject == RESTATEMENTS.name for each in made)
    if restated:
        print(f"{month} has restatements of closed days, of it or booked in it: the covers say which", file=sys.stderr)
    if settings.as_json:
        exports = [{"subject": each.subject, "rows": each.rows, "files": list(map(str, each.paths))} for each in made]
        print_json(
            {
                "month": month,
                "through": period.last,
                "complete": period.complete,
                "restated": restated,
                "exports": exports,
            }
        )
        return
    for each in made:
        say(f"{each.rows:>10,} rows  {', '.join(map(str, each.paths))}")
