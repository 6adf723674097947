"""Solvency 偿付能力: the fund, the vouchers that are out, what moved both, and how much money stands behind."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import altair as alt

from marts.reading import Row
from marts.reports.charts import (
    FIRST,
    HEIGHT,
    INK,
    MUTED,
    SECOND,
    amounts_axis,
    coverage_axis,
    data,
    days_axis,
    figure,
    fund_is_empty,
    thinned,
)
from marts.reports.figures import Figures
from marts.reports.sections import Section
from marts.reports.tables import Column, money, month_ends, table, unfolded
from marts.reports.words import amount, chinese, day, percent, term

NIGHTS: Final = 14
"""Days in the table of a night's report; a month's has its own days."""
FUND, VOUCHERS = "settlement_fund", "voucher_liability"


def solvency_section(found: Figures) -> Section:
    """Two charts, two accounts, the days."""
    parts = (
        "<p>The fund is what merchants conceded less all that was paid out of it. Coverage says which part of the "
        "vouchers that are out has money behind it: below 100 % the fund is negative.</p>",
        _money_chart(found.solvency),
        _coverage_chart(found.solvency),
        unfolded("The end of each month in figures", _days("solvency-ends", month_ends(found.solvency))),
        '<div class="pair">',
        _account(found.movements, FUND, f"What moved the fund {chinese('结算基金')}"),
        _account(found.movements, VOUCHERS, f"What moved the vouchers out {chinese('抵用券')}"),
        "</div>",
        _recent(found),
    )
    return Section("solvency", "Coverage and liabilities", "偿付能力", "".join(parts))


def _recent(found: Figures) -> str:
    if not found.period.is_month:
        return _days("solvency-days", found.solvency[-NIGHTS:][::-1])
    inside = [row for row in found.solvency if row["business_date"] >= found.period.first]
    return unfolded("Every day of the month in figures", _days("solvency-days", inside[::-1]))


def _days(ident: str, days: Sequence[Row]) -> str:
    columns = (
        Column("business_date", "Day", day),
        money("fund_balance", f"Fund {chinese('结算基金')}"),
        money("voucher_liability", f"Vouchers out {chinese('抵用券')}"),
        Column("coverage", f"Coverage {chinese('覆盖率')}", percent, figure=True),
        money("remaining_ceiling", f"Can still be paid {chinese('剩余上限')}"),
    )
    caption = "The fund against its promises, latest day first"
    return table(ident, caption, columns, days)


def _account(movements: Sequence[Row], account: str, caption: str) -> str:
    """Opening balance, what each kind moved, closing balance."""
    kinds = [row for row in movements if row["account"] == account]
    moved = [{"label": _label(row["kind"], account), "amount": row["amount"]} for row in kinds if row["amount"]]
    opening = sum((row["before"] for row in kinds), Decimal("0.00"))
    closing = sum((row["amount"] for row in moved), opening)
    columns = (Column("label", "Movement", lambda label: label), money("amount", "Yuan"))
    lines = [{"label": "At the beginning", "amount": opening}, *moved]
    ident = f"moves-{account.replace('_', '-')}"
    return table(ident, caption, columns, lines, totals={"amount": closing}, total_label="At the end")


def _label(kind: str, account: str) -> str:
    if kind == "sales":
        return f"concessions {chinese('让利')}" if account == FUND else f"used by purchases {chinese('抵用')}"
    if kind == "dividend":
        return f"dividend, net {chinese('分红净额')}"
    return f"bought back {chinese('回购')}" if kind == "payout" else term(kind)


def _money_chart(days: Sequence[Row]) -> str:
    names = {"fund_balance": "fund", "voucher_liability": "vouchers out"}
    points = [
        {"day": row["business_date"], "name": words, "amount": row[column]}
        for row in thinned(days)
        for column, words in names.items()
    ]
    order = list(names.values())

    def draw(width: int) -> alt.TopLevelMixin:
        zero = alt.Chart(data([{"y": 0}])).mark_rule(color=INK).encode(y="y:Q")
        lines = (
            alt.Chart(data(points))
            .mark_line(strokeWidth=2)
            .encode(
                x=alt.X("day:T", axis=days_axis(width)),
                y=alt.Y("amount:Q", axis=amounts_axis("yuan")),
                color=alt.Color("name:N", scale=alt.Scale(domain=order, range=[FIRST, SECOND])),
                strokeDash=alt.StrokeDash("name:N", scale=alt.Scale(domain=order, range=[[1, 0], [6, 3]])),
            )
        )
        return alt.layer(zero, lines).properties(width=width - 80, height=HEIGHT)

    last = days[-1]
    says = (
        f"The fund and the vouchers that are out by day; now {amount(last['fund_balance'])} "
        f"and {amount(last['voucher_liability'])} yuan."
    )
    shows = f"The fund {chinese('结算基金')} and the vouchers that are out {chinese('抵用券')}"
    return figure(draw, says, shows)


def _coverage_chart(days: Sequence[Row]) -> str:
    points = thinned([row for row in days if row["coverage"] is not None])
    if not points:
        return '<p class="none">No voucher has been out yet: there is nothing to cover.</p>'

    def draw(width: int) -> alt.TopLevelMixin:
        line = (
            alt.Chart(data(points))
            .mark_line(color=FIRST, strokeWidth=2)
            .encode(x=alt.X("business_date:T", axis=days_axis(width)), y=alt.Y("coverage:Q", axis=coverage_axis()))
        )
        words = (
            alt.Chart(data([{"y": 1, "text": "100 %: the fund is empty"}]))
            .mark_text(align="left", baseline="bottom", dy=-2, color=MUTED, fontSize=12)
            .encode(x=alt.value(4), y="y:Q", text="text:N")
        )
        return alt.layer(line, fund_is_empty(), words).properties(width=width - 80, height=HEIGHT // 2 + 10)

    says = f"Coverage of the vouchers by day; now {percent(points[-1]['coverage'])}. At 100 % the fund is empty."
    return figure(draw, says, f"Coverage {chinese('覆盖率')}: the part of the vouchers that money stands behind")
