"""A night's or a month's report: the warehouse's figures, and what rulebook and forecast say of what comes next."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.forecast.standard import project
from flows.forecast.start import last_tables
from flows.operations.told_of_days import changes_of, told_changes
from flows.settlement.kept_rules import rules_from_here, rules_of
from marts.period import Period, month, night
from marts.reading import open_warehouse
from marts.reports.figures import Figures, read_figures
from marts.reports.outlook import Forecast, Outlook, Waiting
from marts.reports.page import report_page
from schemas.errors import ConfigurationError, InputMissingError
from schemas.rulebook import Pool, Rulebook, load_rulebook, rulebook_path
from transforms.pools.events import PoolState
from transforms.pools.next_event import next_event


def write_report(
    root: Path,
    warehouse: Path,
    day: date | None = None,
    first_of_month: date | None = None,
    out: Path | None = None,
    rulebook: Path | None = None,
) -> Path:
    """Write the report of a settled day (None: the last one), or of the month that begins on `first_of_month`.

    `out`: a file that ends in .html, or a folder; None: `reports/` under the root. Returns where it lies.
    `root` is read for the forecast only, which begins at the last settled day.
    Raises InputMissingError (11) if there is no warehouse, or if the day or month is not settled.
    """
    with open_warehouse(warehouse) as connection:
        period = month(connection, first_of_month) if first_of_month else night(connection, day)
        found = read_figures(connection, period)
    told = outlook(root, found, rulebook)
    path = _path(out or root / "reports", period)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    try:
        beside.write_text(report_page(found, told), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _path(out: Path, period: Period) -> Path:
    return out if out.suffix == ".html" else out / f"settlement-{period.label}.html"


def outlook(root: Path, found: Figures, rulebook: Path | None) -> Outlook:
    """What the pools wait for, what the levels are called, and the forecast, under the rules of the last day.

    `rulebook`: the one that is named; None: the one by which that day was settled.
    """
    book = _rules(root, rulebook, found.period.last)
    rules = book.on(found.period.last)
    pools = {row["pool"]: row for row in found.pools}
    forecast = _forecast(root, rulebook, found.period.last)
    return Outlook(
        fingerprint=book.fingerprint,
        waiting={
            pool.name: _waiting(pool, pools[pool.name], found.period.last) for pool in rules.pools if pool.name in pools
        },
        titles={level.code: level.title for level in rules.promoter_levels},
        forecast=None if isinstance(forecast, str) else forecast,
        no_forecast=forecast if isinstance(forecast, str) else "",
        changed=told_changes(changes_of(root)),
    )


def _rules(root: Path, named: Path | None, day: date) -> Rulebook:
    try:
        return rules_of(last_tables(root), root, named, day)
    except InputMissingError:
        return load_rulebook(rulebook_path(root, named))


def _forecast(root: Path, named: Path | None, day: date) -> Forecast | str:
    """The rest of a report does without the lake, and with rules that know less: no forecast is no failure."""
    try:
        return project(root, rules_from_here(last_tables(root), root, named), day)
    except (InputMissingError, ConfigurationError) as fault:
        return f"There is no forecast: {fault.what}."


def _waiting(pool: Pool, row: Mapping[str, Any], settled: date) -> Waiting:
    event = next_event(pool, _state(row), settled)
    return Waiting(
        wanted=_yuan(event.wanted_fen),
        missing=_yuan(event.missing_fen),
        target=_rate(pool.growth_target),
        growth=None if event.grown_pico is None else _rate(event.grown_pico),
        earliest=event.earliest,
        deadline=event.deadline,
    )


def _state(row: Mapping[str, Any]) -> PoolState:
    if row["event_no"] == 0:
        return PoolState(value_fen=_fen(row["value"]))
    return PoolState(_fen(row["value"]), row["event_no"], row["value_date"], _fen(row["baseline"]))


def _fen(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _rate(pico: int) -> Decimal:
    return Decimal(pico).scaleb(-12)
