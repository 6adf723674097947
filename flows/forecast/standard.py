"""The forecast of a report: what `settle forecast` says if it is asked for nothing in particular."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from flows.forecast.growth import FAN, growth_path
from flows.forecast.start import Books, read_books
from marts.reports.outlook import Forecast, Projection
from schemas.rulebook import Rulebook
from schemas.units import yuan
from transforms.forecast.growth_paths import daily_flows
from transforms.forecast.months import Assumptions, Month, months

MONTHS: Final = 60


def project(root: Path, rulebook: Rulebook, day: date) -> Forecast | str:
    """The forecast from the end of `day` on; a text that says why there is none.

    Raises InputMissingError (11) without a lake, ConfigurationError (10) if the rules do not fit the books.
    """
    books = read_books(root, rulebook)
    settled = books.standing.day
    if settled != day:
        return f"A forecast begins at the last settled day: see the report of {settled}."
    assumed = Assumptions(books.redemption_pico)
    rules = rulebook.on(day)
    return Forecast(
        paths=[_projection(text, books, rulebook, assumed) for text in FAN],
        growth_days=books.period_days,
        assumed={
            "rewards": _part(assumed.rewards(rules)),
            "commissions": _part(assumed.commissions(rules)),
            "redemption": _part(assumed.redemption_pico),
        },
    )


def _projection(text: str, books: Books, rulebook: Rulebook, assumed: Assumptions) -> Projection:
    path = growth_path(text)
    flows = daily_flows(path, "new-points", books.last, books.stock, books.period_days)
    rows = months(books.standing, flows, rulebook, assumed, MONTHS)
    return Projection(
        name=path.name,
        fund_below=_first(rows, lambda row: row.fund_below is not None),
        budget_below=_first(rows, lambda row: row.budget_fen < 0),
        months=[_described(row) for row in rows],
    )


def _first(rows: Sequence[Month], true: Callable[[Month], bool]) -> date | None:
    return next((row.month for row in rows if true(row)), None)


def _described(row: Month) -> dict[str, Any]:
    return {
        "month": row.month,
        "end": row.month.replace(day=monthrange(row.month.year, row.month.month)[1]),
        "concession": yuan(row.concession_fen),
        "dividends": yuan(row.dividends_fen),
        "rewards": yuan(row.rewards_fen),
        "commissions": yuan(row.commissions_fen),
        "budget": yuan(row.budget_fen),
        "fund": yuan(row.fund_fen),
        "vouchers": yuan(row.liability_fen),
        "coverage": None if row.coverage_e4 is None else Decimal(row.coverage_e4).scaleb(-4),
    }


def _part(pico: int) -> Decimal:
    return Decimal(pico).scaleb(-12)
