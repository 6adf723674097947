"""`settle export`."""

import sys
from pathlib import Path

from flows.commands.app import Given
from flows.commands.month_option import first_of_month
from flows.commands.output import print_json, say
from lake.lock import alone
from marts.exports.month import export_month
from marts.exports.subjects import RESTATEMENTS


def export(*, month: str, to: Path, given: Given) -> None:
    """Write a month's settlements, payouts due, vouchers and journal as Excel, CSV and Parquet files.

    A month that is not complete is said to be so. Exit code 14 while another export is written into the folder.

    Parameters
    ----------
    month
        a month such as 2025-03
    to
        the folder that will hold the files
    """
    first = first_of_month(month)
    with alone(to, ".export.lock", "another export is being written into this folder"):
        period, made = export_month(given.warehouse, first, to)
    if not period.complete:
        print(
            f"{month} is not complete: it is settled through {period.last}, do not pay by these files", file=sys.stderr
        )
    restated = any(each.subject == RESTATEMENTS.name for each in made)
    if restated:
        print(f"{month} has restatements of closed days, of it or booked in it: the covers say which", file=sys.stderr)
    if given.as_json:
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
