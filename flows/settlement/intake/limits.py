"""What stops a run before anything is written: a control total that differs, too much quarantine, a lost pool."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.arrivals import Arrivals
from flows.settlement.intake.quarantine_report import indented, reported, told_reasons
from flows.settlement.intake.refused import Refused
from lake.draft.draft import Draft
from lake.landing.zone import Landing
from schemas.errors import ConfigurationError, InputRefusedError
from schemas.feeds import COIN_REDEMPTIONS, TRANSACTIONS, Feed
from schemas.tables import POOL_DAYS
from schemas.units import FEN_PER_YUAN, PICO

EXACT: Final = 200
"""Digits of a control sum: more than any cell of a feed has, so that nothing is rounded."""


class QuarantineLimitError(InputRefusedError):
    """A day with more quarantine than the rulebook bears; `report` holds its rows, whose files lie in `folder`."""

    def __init__(self, day: date, bad: int, rows: int, report: pl.DataFrame, folder: Path) -> None:
        super().__init__(
            f"{bad:,} of {rows:,} rows are quarantined, more than the rulebook's quarantine_limit"
            + indented(told_reasons(report, folder)),
            where=str(folder),
            todo=f"mend the feed ({reported(report)}: {folder.parents[2] / 'reports' / report_name(day)}), "
            f"or run again with --accept-quarantine {day}",
        )
        self.day, self.report, self.folder = day, report, folder


def report_name(day: date) -> str:
    """The file, in the root's `reports/`, that holds the quarantined rows of a day that was refused."""
    return f"quarantine-{day}.csv"


def check_control(feed: Feed, days: Sequence[date], arrived: Arrivals, landing: Landing) -> None:
    """control.json against the rows that pass step 1, by exact decimals (SPEC 2).

    A sender counts what was sent, so `rows` may also be the count of all rows; the amount has one reading.
    """
    counts = {row["business_date"]: row for row in arrived.came().iter_rows(named=True)}
    for day in days:
        control = landing.control(feed, day)
        if control is None:
            continue
        came = counts.get(day, {"rows": 0, "readable": 0, "readable_fen": 0})
        amount = _exact_sum(feed, day, int(came["readable_fen"]), arrived)
        if control.rows not in (came["rows"], came["readable"]) or control.amount != amount:
            raise InputRefusedError(
                f"control.json says {control.rows} rows and {control.amount}, "
                f"the files hold {came['rows']} rows ({came['readable']} readable) and {amount}",
                where=f"landing/{feed.name}/day={day}/control.json",
                todo="ask the sender which of the two is right, and replace it",
            )


def _exact_sum(feed: Feed, day: date, fen: int, arrived: Arrivals) -> Decimal:
    column = "coins" if feed is COIN_REDEMPTIONS else "amount"
    # Amounts with more than two decimals are read, as they stand, though never booked.
    odd = pl.concat(arrived.odd).filter(pl.col("business_date") == day).select("row_no")
    with localcontext(prec=EXACT):
        values = (Decimal(value) for text in arrived.texts.of(odd) for value in text[column])
        return Decimal(fen) / FEN_PER_YUAN + sum(values, Decimal(0))


def check_pools(first: date, inputs: Inputs, draft: Draft) -> None:
    """ConfigurationError if the rules of `first` lack a pool of the days before: once named, it stays (SPEC 5)."""
    settled = set(draft.small(POOL_DAYS)["pool"])
    for name in sorted(settled - {pool.name for pool in inputs.rulebook.on(first).pools}):
        raise ConfigurationError(
            f'the rulebook has no pool "{name}" on {first}, and days before have points in it',
            where=f"rules of {first}, pools",
            todo="put the pool back: once named it stays; or backfill from the first settled day by the new rulebook",
        )


def check_limit(days: Sequence[date], arrived: Arrivals, refused: Refused, inputs: Inputs) -> None:
    """quarantine_limit of each day, unless the operator has accepted the day over the same input."""
    came = dict(arrived.came().select("business_date", "rows").iter_rows())
    bad = dict(refused.rows.group_by("business_date").len().iter_rows())
    for day in days:
        rules = inputs.rulebook.on(day).intake
        count, out = came.get(day, 0), bad.get(day, 0)
        over = count >= rules.quarantine_min_rows and out * PICO > rules.quarantine_limit * count
        if over and day not in inputs.accepted:
            folder = inputs.landing.day_folder(TRANSACTIONS, day)
            raise QuarantineLimitError(day, out, count, pl.concat(refused.on(day).parts()), folder)
