"""`settle forecast`: solvency under growth paths, for people and machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from flows.commands.app import Given, Whole
from flows.commands.forecast_text import print_forecast
from flows.commands.output import print_json
from flows.forecast.growth import FAN, growth_path, part_pico
from flows.forecast.start import Books, begun_books, last_tables
from flows.settings import Settings
from flows.settlement.kept_rules import rules_from_here
from schemas.errors import UsageError
from schemas.rulebook import Rulebook
from schemas.units import PICO, yuan
from transforms.books.solvency import coverage
from transforms.forecast import months as foreseen
from transforms.forecast.growth_paths import GrowthOf, Path, daily_flows
from transforms.forecast.months import Assumptions, Month
from transforms.pools.cohorts import budget

MOST_MONTHS = 600
LARGEST_COST = 10
"""More than all concessions ten times over is a slip of the pen."""


@dataclass(frozen=True)
class Question:
    """The options of the command as they were typed; None: not given."""

    growth: Sequence[str]
    growth_of: GrowthOf
    months: int
    redemption: str | None
    rewards: str | None
    commissions: str | None


def forecast(
    *,
    growth: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    months: Whole = 24,
    growth_of: Literal["new-points", "pool"] = "new-points",
    redemption: str | None = None,
    rewards: str | None = None,
    commissions: str | None = None,
    given: Given,
) -> None:
    """Will the fund last? Solvency in the months to come, under one or several growth paths.

    Parameters
    ----------
    growth
        growth a period, such as 0.05; stop: no new points; 0.15x24,0.02: first 24 periods of 15 %; repeatable; default:
        0.15, 0.05, 0 and stop
    months
        how many calendar months
    growth_of
        what grows: the new points of a period, or the pools
    redemption
        part of the outstanding vouchers that is spent a month; default: as in the last period
    rewards
        part of the concession that binding and referral take; default: the most that the rules allow
    commissions
        part of the concession that promoters and agents take; default: the most that the rules allow
    """
    _show(given, Question(growth, growth_of, months, redemption, rewards, commissions))


def _show(settings: Settings, question: Question) -> None:
    """Forecast and answer. Raises UsageError (2), ConfigurationError (10), InputMissingError (11)."""
    if not 1 <= question.months <= MOST_MONTHS:
        raise UsageError(f"--months {question.months} is not from 1 to {MOST_MONTHS}")
    paths = [growth_path(text) for text in question.growth or FAN]
    given = (
        part_pico("--redemption", question.redemption),
        part_pico("--rewards", question.rewards, LARGEST_COST),
        part_pico("--commissions", question.commissions, LARGEST_COST),
    )
    tables = last_tables(settings.root)
    rulebook = rules_from_here(tables, settings.root, settings.rulebook)
    books = begun_books(tables, rulebook)
    assumed = Assumptions(books.redemption_pico if given[0] is None else given[0], *given[1:])
    answer = {
        **_described(books, rulebook, assumed, question.growth_of),
        "paths": [_path(path, books, rulebook, assumed, question) for path in paths],
    }
    if settings.as_json:
        print_json(answer)
    else:
        print_forecast(answer)


def _described(books: Books, rulebook: Rulebook, assumed: Assumptions, growth_of: GrowthOf) -> dict[str, Any]:
    """What the forecast begins from, and what it takes for granted."""
    standing, day = books.standing, books.standing.day
    rules, outlook = rulebook.on(day), standing.outlook
    return {
        "as_of": day,
        "rulebook": rulebook.path,
        "settled_by_these_rules": books.own_rules,
        "growth_of": growth_of,
        "period_days": books.period_days,
        "now": {
            "fund": yuan(standing.fund_fen),
            "voucher_liability": yuan(standing.liability_fen),
            "coverage": _coverage(coverage(standing.fund_fen, standing.liability_fen)),
            "remaining_ceiling": yuan(outlook.remaining(rules.dividend.ceiling)),
            "dividend_budget": yuan(budget(rules.dividend, outlook.concession_fen, outlook.dividends_fen)),
        },
        "last_period": {
            "days": books.last_days,
            "concession": yuan(books.last.concession_fen),
            "points": {pool: yuan(fen) for pool, fen in sorted(books.last.points_fen.items())},
        },
        "assumed": {
            "redemption": _rate(assumed.redemption_pico),
            "rewards": _rate(assumed.rewards(rules)),
            "commissions": _rate(assumed.commissions(rules)),
        },
        "booked_so_far": {
            "redemption": _rate(books.redemption_pico),
            "rewards": _rate(books.rewards_pico),
            "commissions": _rate(books.commissions_pico),
        },
    }


def _path(path: Path, books: Books, rulebook: Rulebook, assumed: Assumptions, question: Question) -> dict[str, Any]:
    flows = daily_flows(path, question.growth_of, books.last, books.stock, books.period_days)
    rows = foreseen.months(books.standing, flows, rulebook, assumed, question.months)
    return {
        "path": path.name,
        "fund_below_zero": _first(rows, lambda row: row.fund_below is not None),
        "fund_below_zero_on": next((row.fund_below for row in rows if row.fund_below), None),
        "dividend_budget_below_zero": _first(rows, lambda row: row.budget_fen < 0),
        "vouchers_without_money": _first(rows, lambda row: row.fund_fen + row.liability_fen < 0),
        "months": [_month(row) for row in rows],
    }


def _first(rows: Sequence[Month], true: Callable[[Month], bool]) -> str | None:
    return next((_named(row.month) for row in rows if true(row)), None)


def _month(row: Month) -> dict[str, Any]:
    return {
        "month": _named(row.month),
        "concession": yuan(row.concession_fen),
        "events": row.events,
        "dividends": yuan(row.dividends_fen),
        "shortfall": yuan(row.shortfall_fen),
        "rewards": yuan(row.rewards_fen),
        "commissions": yuan(row.commissions_fen),
        "redeemed": yuan(row.redeemed_fen),
        "dividend_budget": yuan(row.budget_fen),
        "fund": yuan(row.fund_fen),
        "voucher_liability": yuan(row.liability_fen),
        "remaining_ceiling": yuan(row.remaining_fen),
        "coverage": _coverage(row.coverage_e4),
    }


def _named(month: date) -> str:
    return f"{month:%Y-%m}"


def _rate(pico: int) -> str:
    whole, rest = divmod(pico, PICO)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


def _coverage(e4: int | None) -> str | None:
    return None if e4 is None else f"{'-' if e4 < 0 else ''}{abs(e4) // 10**4}.{abs(e4) % 10**4:04d}"
