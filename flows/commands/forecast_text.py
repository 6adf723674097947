"""The text of a forecast: what it begins from, one line a path, then each path month by month, in whole yuan."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from flows.commands.output import say
from flows.commands.table_text import table_lines

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
    say(*_premises(answer), *_summary(answer["paths"]))
    for path in answer["paths"]:
        say(*_months(path))


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


def _summary(paths: Iterable[Mapping[str, Any]]) -> list[str]:
    names = ("growth a period", "fund below zero", "budget below zero", "vouchers without money")
    figures = ("fund at the end", "vouchers out", "coverage")
    return table_lines("Will the fund last?", names, figures, [_outcome(path) for path in paths])


def _outcome(path: Mapping[str, Any]) -> list[str]:
    last = path["months"][-1]
    firsts = ("fund_below_zero", "dividend_budget_below_zero", "vouchers_without_money")
    never = f"not by {last['month']}"
    ends = (_whole(last["fund"]), _whole(last["voucher_liability"]), last["coverage"] or "")
    return [path["path"], *(path[name] or never for name in firsts), *ends]


def _months(path: Mapping[str, Any]) -> list[str]:
    rows = [[row["month"], *(_cell(row[name]) for name in MONTHLY)] for row in path["months"]]
    return table_lines(path["path"], ("month",), tuple(MONTHLY.values()), rows)


def _cell(value: Decimal | str | None) -> str:
    return _whole(value) if isinstance(value, Decimal) else value or ""


def _whole(amount: Decimal) -> str:
    """Whole yuan, rounded down, so that what is below zero looks so."""
    return f"{amount.to_integral_value(ROUND_FLOOR):,}"
