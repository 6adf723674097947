"""The headline: what happened, in plain words, and the state in four figures."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from marts.reading import Row
from marts.reports.figures import Figures
from marts.reports.outlook import Forecast
from marts.reports.sections.forecast import trouble
from marts.reports.words import chinese, day, long_day, long_month, many, ordinal, percent, term, yuan

EVENTS_TOLD: Final = 6


def title(found: Figures) -> str:
    """`Settlement of March 2025`, `Settlement of 16 March 2025`."""
    period = found.period
    return f"Settlement of {long_month(period.first) if period.is_month else long_day(period.last)}"


def lead(found: Figures) -> str:
    """One sentence: the thing to know if nothing else is read."""
    state = found.solvency[-1]
    if found.failed_controls:
        return f"{many(len(found.failed_controls), 'control')} failed: do not pay by these books."
    if state["fund_balance"] < 0:
        covered = f": {percent(state['coverage'])} of the vouchers that are out have money behind them"
        behind = covered if state["coverage"] is not None else ""
        return f"The fund is {yuan(-state['fund_balance'])} below zero{behind}."
    return f"The books balance, and the fund holds {yuan(state['fund_balance'])}{_against(state)}."


def _against(state: Row) -> str:
    if state["coverage"] is None:
        return "; no vouchers are out"
    return f" beyond the {yuan(state['voucher_liability'])} of vouchers that are out"


def story(found: Figures, forecast: Forecast | None) -> Iterator[str]:
    """What happened, a sentence or two a paragraph, as HTML."""
    totals, sales, period = found.day_totals, found.sales, found.period
    if not period.complete:
        upto = f"through {long_day(period.last)}, {many(totals['days'], 'day')}"
        yield (
            f"<strong>This month is not complete:</strong> it is settled {upto}. Promoters and agents are reckoned on "
            "its last day."
        )
    if any(row["of_this_month"] for row in found.restated):
        yield 'Closed days of this report were <a href="#restated">restated since</a>: sales are as corrected.'
    yield f"{_rows(totals)} {_traded(sales)}"
    yield _paid(found)
    if forecast:
        yield f'{trouble(forecast)} <a href="#forecast">The forecast</a>'
    checked = sum(row["checked"] for row in found.controls)
    if not found.failed_controls:
        yield f"All {many(checked, 'control')} passed."


def _rows(totals: Row) -> str:
    held = totals["rows_quarantined"]
    kept = f'<a href="#quarantine">{many(held, "row")} held back</a>' if held else "none held back"
    return f"{many(totals['rows_in'], 'row')} came in, {totals['rows_booked']:,} booked, {kept}."


def _traded(sales: Row) -> str:
    if not sales["purchases"] and not sales["refunds"]:
        return "Nothing was bought."
    refunds = f"{many(sales['refunds'], 'refund')} of {yuan(sales['refunded'])}" if sales["refunds"] else "no refund"
    return (
        f"{many(sales['members'], 'member')} traded with {many(sales['merchants'], 'merchant')}: "
        f"{many(sales['purchases'], 'purchase')} of {yuan(sales['sold'])}, {refunds}. "
        f"Merchants conceded {yuan(sales['concession'])} {chinese('让利')}."
    )


def _paid(found: Figures) -> str:
    paid = [event for event in found.events if event["in_period"]]
    if not paid:
        return f"No pool paid a dividend {chinese('分红')}."
    told = " ".join(_event(event) for event in reversed(paid[:EVENTS_TOLD]))
    more = len(paid) - EVENTS_TOLD
    return f"{told} And {many(more, 'event')} before these." if more > 0 else told


def _event(event: Row) -> str:
    why = {
        "launch": "launched and paid its first dividend",
        "growth": f"had grown by {percent(event['growth'])} and paid its {ordinal(event['event_no'])} dividend",
        "deadline": f"paid its {ordinal(event['event_no'])} dividend at the deadline",
    }
    beyond = f" ({yuan(event['shortfall'])} beyond the budget)" if event["shortfall"] else ""
    return (
        f"The {term(event['pool'])} pool {why.get(event['trigger'], 'paid')}: {yuan(event['amount'])}{beyond} to "
        f"{many(event['holders'], 'holder')}, counting from {day(event['value_date'])}."
    )


def key_figures(found: Figures) -> str:
    """Fund, vouchers out, coverage and concessions, each with its change in the period."""
    now = found.solvency[-1]
    before = next((row for row in reversed(found.solvency) if row["business_date"] < found.period.first), None)
    since = "in the month" if found.period.is_month else "since the day before"
    cards = (
        ("Settlement fund", "结算基金", yuan(now["fund_balance"]), _change(now, before, "fund_balance", since)),
        (
            "Vouchers out",
            "抵用券余额",
            yuan(now["voucher_liability"]),
            _change(now, before, "voucher_liability", since),
        ),
        ("Coverage", "覆盖率", percent(now["coverage"]), _behind(now["coverage"])),
        (
            "Conceded",
            "让利",
            yuan(found.sales["concession"]),
            f"on sales of {yuan(found.sales['sales'])}",
        ),
    )
    inside = "".join(
        f'<div class="card"><dt>{name} {chinese(also)}</dt><dd><strong>{value}</strong> <span>{more}</span></dd></div>'
        for name, also, value, more in cards
    )
    return f'<dl class="cards">{inside}</dl>'


def _behind(coverage: Decimal | None) -> str:
    if coverage is None:
        return "no vouchers are out"
    return "every voucher has money behind it" if coverage >= 1 else "of the vouchers have money behind them"


def _change(now: Row, before: Row | None, name: str, since: str) -> str:
    moved = now[name] - (before[name] if before else Decimal("0.00"))
    return f"{'+' if moved > 0 else ''}{yuan(moved)} {since}" if moved else f"unchanged {since}"
