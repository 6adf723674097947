"""Forecast 预测: coverage under several growth paths, and the first month in which the fund is below zero."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import altair as alt

from marts.reading import Row
from marts.reports.charts import (
    ALARM,
    FIRST,
    HEIGHT,
    INK,
    MUTED,
    SECOND,
    coverage_axis,
    data,
    days_axis,
    figure,
    fund_is_empty,
)
from marts.reports.figures import Figures
from marts.reports.outlook import Forecast, Outlook, Projection
from marts.reports.sections import Section
from marts.reports.tables import Column, money, month_ends, table, unfolded
from marts.reports.words import NONE, chinese, percent, text

COLOURS: Final = (FIRST, SECOND, ALARM, MUTED)
DASHES: Final = ([1, 0], [8, 3], [4, 3], [2, 3])
HISTORY: Final = 12
"""Months of the past before the fan."""
EVERY: Final = 6
"""Months between the lines of the table."""


def forecast_section(found: Figures, outlook: Outlook) -> Section:
    """The fan, when each path runs dry, and the figures."""
    forecast = outlook.forecast
    if forecast is None:
        return Section("forecast", "Forecast", "预测", f'<p class="none">{text(outlook.no_forecast)}</p>')
    parts = (
        f"<p>{trouble(forecast)} {_premises(forecast)}</p>",
        _fan(forecast, found.solvency),
        _summary(forecast),
        unfolded("Every half year in figures", _figures(forecast)),
    )
    return Section("forecast", "Forecast", "预测", "".join(parts))


def trouble(forecast: Forecast) -> str:
    """The first month in which the fund is below zero, on whichever path, as a sentence."""
    first, last = forecast.trouble, _month(forecast.paths[0].months[-1]["month"])
    if first is None:
        return f"By forecast the fund stays above zero through {last}, on every path."
    others = [path.name for path in forecast.paths if path.fund_below is None]
    safe = f" It stays above zero through {last} with {text(', '.join(others))}." if others else ""
    goes_on = "business stops" if first.name == "stop" else f"business grows by {text(first.name)} a period"
    return (
        f"<strong>By forecast the fund is below zero first in {_month(first.fund_below)}</strong>, if {goes_on}.{safe}"
    )


def _premises(forecast: Forecast) -> str:
    taken = forecast.assumed
    return (
        f"Growth is of the new points, once every {forecast.growth_days} days. Taken for granted: of the concession, "
        f"binding and referral take {percent(taken['rewards'])}, promoters and agents {percent(taken['commissions'])}; "
        f"of the vouchers out, {percent(taken['redemption'])} is spent a month."
    )


def _fan(forecast: Forecast, days: Sequence[Row]) -> str:
    past = [
        {"day": row["business_date"], "coverage": row["coverage"]}
        for row in month_ends(days, HISTORY)
        if row["coverage"] is not None
    ]
    points = [point for path in forecast.paths for point in _line(path, past)]
    names = [path.name for path in forecast.paths]
    if not points:
        return '<p class="none">No voucher is out, and none is to come: there is nothing to cover.</p>'

    def draw(width: int) -> alt.TopLevelMixin:
        x = alt.X("day:T", axis=days_axis(width))
        y = alt.Y("coverage:Q", axis=coverage_axis())
        behind = alt.Chart(data(past)).mark_line(color=INK, strokeWidth=2).encode(x=x, y=y)
        ahead = (
            alt.Chart(data(points))
            .mark_line(strokeWidth=2)
            .encode(
                x=x,
                y=y,
                color=alt.Color("path:N", scale=alt.Scale(domain=names, range=list(COLOURS))),
                strokeDash=alt.StrokeDash("path:N", scale=alt.Scale(domain=names, range=list(DASHES))),
            )
        )
        return alt.layer(behind, ahead, fund_is_empty()).properties(width=width - 80, height=HEIGHT)

    ends = ", ".join(f"{path.name}: {percent(path.months[-1]['coverage'])}" for path in forecast.paths)
    says = f"Coverage as it was and as forecast; at the end of it, by growth, {ends}."
    shows = f"Coverage {chinese('覆盖率')} as it was, and as it will be by growth a period; at 100 % the fund is empty"
    return figure(draw, says, shows)


def _line(path: Projection, past: Sequence[Row]) -> list[Row]:
    ahead = [{"day": row["end"], "coverage": row["coverage"]} for row in path.months if row["coverage"] is not None]
    return [{"path": path.name, **point} for point in [*past[:1], *ahead]]


def _summary(forecast: Forecast) -> str:
    last = _month(forecast.paths[0].months[-1]["month"])
    columns = (
        Column("name", "Growth a period", text),
        Column("fund_below", "Fund below zero in", _month),
        Column("budget_below", "Dividend budget below zero in", _month),
        money("fund", f"Fund at the end of {last}"),
        money("vouchers", "Vouchers out"),
        Column("coverage", "Coverage", percent, figure=True),
    )
    rows = [
        {**path.months[-1], "name": path.name, "fund_below": path.fund_below, "budget_below": path.budget_below}
        for path in forecast.paths
    ]
    return table("forecast", f"Will the fund {chinese('结算基金')} last?", columns, rows)


def _figures(forecast: Forecast) -> str:
    columns = (
        Column("month", "Month", _month),
        Column("path", "Growth", text),
        money("concession", f"Concession {chinese('让利')}"),
        money("dividends", f"Dividends {chinese('分红')}"),
        money("rewards", "Binding, referral"),
        money("commissions", "Promoters, agents"),
        money("budget", "Dividend budget"),
        money("fund", "Fund"),
        money("vouchers", "Vouchers out"),
        Column("coverage", "Coverage", percent, figure=True),
    )
    rows = [{**row, "path": path.name} for path in forecast.paths for row in path.months[EVERY - 1 :: EVERY]]
    return table("forecast-months", "Amounts of the month, and what stands at its end", columns, rows)


def _month(first_day: date | None) -> str:
    return NONE if first_day is None else f"{first_day:%Y-%m}"
