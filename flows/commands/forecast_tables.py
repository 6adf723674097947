"""The text of a forecast: what it begins from, one line a path, then each path month by month, in whole yuan."""

import sys
from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

WIDE: Final = 132
"""Columns where nobody says how wide the paper is: a file, a pipe."""
MONTHLY: Final = {
    "concession": "concession 让利",
    "dividends": "dividends 分红",
    "rewards": "binding, referral",
    "commissions": "promoters, agents",
    "dividend_budget": "budget",
    "fund": "fund",
    "voucher_liability": "vouchers out",
    "coverage": "coverage",
    "remaining_ceiling": "remaining ceiling",
}


def print_forecast(answer: Mapping[str, Any]) -> None:
    """Tell the forecast on stdout."""
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False, emoji=False)
    for line in _premises(answer):
        console.print(line, markup=False, soft_wrap=True)
    console.print(_summary(answer["paths"]))
    for path in answer["paths"]:
        console.print(_months(path))


def _premises(answer: Mapping[str, Any]) -> Iterable[str]:
    now, assumed, booked = answer["now"], answer["assumed"], answer["booked_so_far"]
    growth = "new points of a period" if answer["growth_of"] == "new-points" else "pools"
    yield f"Forecast from the books of {answer['as_of']}, by the rules of {answer['rulebook']}"
    if not answer["settled_by_these_rules"]:
        yield "note: that day was settled by other rules"
    if answer["last_period"]["days"] < answer["period_days"]:
        yield f"note: days settled so far: {answer['last_period']['days']}, less than a period"
    coverage = now["coverage"] or "not defined"
    yield f"now: fund {now['fund']:,}, vouchers outstanding {now['voucher_liability']:,}, coverage {coverage},"
    yield f"     holders can still get {now['remaining_ceiling']:,}; dividend budget {now['dividend_budget']:,}"
    yield f"concessions of the last {answer['period_days']} days: {answer['last_period']['concession']:,};"
    yield f"     growth is of the {growth}, once every {answer['period_days']} days"
    yield f"binding and referral take {_booked('rewards', assumed, booked)} of the concession,"
    yield f"     promoters and agents {_booked('commissions', assumed, booked)};"
    yield f"     of the outstanding vouchers, {_booked('redemption', assumed, booked)} is spent a month"


def _booked(name: str, assumed: Mapping[str, str], booked: Mapping[str, str]) -> str:
    """What is assumed, beside what the books show."""
    since = "in the last period" if name == "redemption" else "booked so far"
    return f"{_short(assumed[name])} ({_short(booked[name])} {since})"


def _short(rate: str) -> str:
    return f"{Decimal(rate):.4f}"


def _summary(paths: Iterable[Mapping[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Will the fund last?", title_justify="left")
    table.add_column("growth a period")
    for heading in ("fund below zero", "budget below zero", "vouchers without money"):
        table.add_column(heading)
    for heading in ("fund at the end", "vouchers out", "coverage"):
        table.add_column(heading, justify="right")
    for path in paths:
        last = path["months"][-1]
        firsts = ("fund_below_zero", "dividend_budget_below_zero", "vouchers_without_money")
        never = f"not by {last['month']}"
        ends = (_whole(last["fund"]), _whole(last["voucher_liability"]), last["coverage"] or "")
        table.add_row(path["path"], *(path[name] or never for name in firsts), *ends)
    return table


def _months(path: Mapping[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, title=path["path"], title_justify="left")
    table.add_column("month", no_wrap=True)
    for heading in MONTHLY.values():
        table.add_column(heading, justify="right")
    for row in path["months"]:
        table.add_row(row["month"], *(_cell(row[name]) for name in MONTHLY))
    return table


def _cell(value: Decimal | str | None) -> str:
    return _whole(value) if isinstance(value, Decimal) else value or ""


def _whole(amount: Decimal) -> str:
    """Whole yuan, rounded down, so that what is below zero looks so."""
    return f"{amount.to_integral_value(ROUND_FLOOR):,}"
