"""Pools 积分池 and their dividends 分红: what they are worth, what they wait for, what each event paid."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from marts.reading import Row
from marts.reports.charts import (
    ALARM,
    FIRST,
    HEIGHT,
    INK,
    PAPER,
    SECOND,
    amounts_axis,
    data,
    days_axis,
    figure,
    thinned,
)
from marts.reports.figures import Figures
from marts.reports.outlook import Outlook, Waiting
from marts.reports.sections import Section
from marts.reports.tables import Column, money, month_ends, number, table, unfolded
from marts.reports.words import amount, chinese, day, many, percent, term, text

CHARTED: Final = 4
"""Pools with charts of their own: the largest. All stand in the table."""
EVENTS_LISTED: Final = 12
EVENTS_CHARTED: Final = 40
WITHIN, BEYOND = "within the budget", "beyond the budget"


def pools_section(found: Figures, outlook: Outlook) -> Section:
    """Values, next triggers, events."""
    parts = [_standing(found.pools, outlook)]
    for index, pool in enumerate(found.pools[:CHARTED]):
        parts += _charts(index, pool, found, outlook.waiting.get(pool["pool"]))
    return Section("pools", "Pools and dividends", "积分池与分红", "".join([*parts, _events(found.events)]))


def _standing(pools: Sequence[Row], outlook: Outlook) -> str:
    columns = (
        Column("pool", "Pool", term),
        money("value", f"Value {chinese('分红值')}"),
        money("inflow", "Inflow of the period"),
        Column("growth", "Growth since the last event", percent, figure=True),
        money("wanted", "Next event at a value of"),
        money("missing", "Still missing"),
        Column("earliest", "By growth from", day),
        Column("deadline", "At the latest on", day),
    )
    rows = [{**pool, **_waiting(outlook.waiting.get(pool["pool"]))} for pool in pools]
    return table(
        "pools-standing", "Where each pool stands, in points, and what its next event waits for", columns, rows
    )


def _waiting(waiting: Waiting | None) -> dict[str, Any]:
    names = ("growth", "wanted", "missing", "earliest", "deadline")
    return {name: getattr(waiting, name, None) for name in names}


def _charts(index: int, pool: Row, found: Figures, waiting: Waiting | None) -> list[str]:
    name = pool["pool"]
    values = [row for row in found.pool_values if row["pool"] == name]
    events = [row for row in found.events if row["pool"] == name]
    parts = [f"<h3>Pool {term(name)}</h3>", f"<p>{_told(waiting)}</p>", _value_chart(values, events, waiting, name)]
    if events:
        parts.append(_dividends_chart(events[:EVENTS_CHARTED], name))
    columns = (Column("business_date", "Day", day), money("value", f"Value {chinese('分红值')}"))
    ends = table(f"pool-{index}-ends", f"Pool {term(name)} at the end of each month", columns, month_ends(values))
    return [*parts, unfolded("The pool's value in figures", ends)]


def _told(waiting: Waiting | None) -> str:
    if waiting is None:
        return "The rulebook at hand does not know this pool: what it waits for cannot be said."
    wanted, missing = amount(waiting.wanted), amount(waiting.missing)
    if waiting.deadline is None:
        return f"It has not paid yet: it launches at a value of {wanted}, for which {missing} are missing."
    if not waiting.missing:
        grown = f"It has grown by {percent(waiting.target)} already: it pays on {day(waiting.earliest)}"
        return f"{grown}, unless refunds take it below {wanted} again."
    return (
        f"It pays next when it reaches {wanted} ({percent(waiting.target)} growth), for which {missing} are missing, "
        f"on {day(waiting.earliest)} at the earliest; if it does not get there, on {day(waiting.deadline)} for what it "
        "has grown by then."
    )


def _value_chart(values: Sequence[Row], events: Sequence[Row], waiting: Waiting | None, name: str) -> str:
    shapes = alt.Scale(domain=["launch", "growth", "deadline"], range=["diamond", "circle", "square"])
    kinds = alt.Scale(domain=["launch", "growth", "deadline"], range=[INK, FIRST, PAPER])

    def draw(width: int) -> alt.TopLevelMixin:
        line = (
            alt.Chart(data(thinned(values)))
            .mark_line(color=FIRST, strokeWidth=2)
            .encode(x=alt.X("business_date:T", axis=days_axis(width)), y=alt.Y("value:Q", axis=amounts_axis("points")))
        )
        marks = (
            alt.Chart(data(events))
            .mark_point(stroke=FIRST, size=60, opacity=1, strokeWidth=1.5)
            .encode(
                x="cutoff_date:T",
                y="value:Q",
                shape=alt.Shape("trigger:N", scale=shapes),
                fill=alt.Fill("trigger:N", scale=kinds),
            )
        )
        aim = (
            alt.Chart(data([{"wanted": waiting.wanted}] if waiting else []))
            .mark_rule(color=SECOND, strokeDash=[6, 4], strokeWidth=1.5)
            .encode(y="wanted:Q")
        )
        return alt.layer(line, marks, aim).properties(width=width - 80, height=HEIGHT)

    goal = f"; the next event asks for {amount(waiting.wanted)}" if waiting else ""
    says = f"Value of pool {name} by day, now {amount(values[-1]['value'])}, with {many(len(events), 'event')}{goal}."
    shows = f"Value {chinese('分红值')} by day, its events, and what the next one asks for (dashed)"
    return figure(draw, says, shows)


def _dividends_chart(events: Sequence[Row], name: str) -> str:
    parts = [
        {"event_no": event["event_no"], "part": words, "amount": event[column], "order": order}
        for event in reversed(events)
        for order, (words, column) in enumerate(((WITHIN, "covered"), (BEYOND, "beyond")))
    ]

    def draw(width: int) -> alt.TopLevelMixin:
        step = max(1, -(-len(events) * 28 // width))
        labels = alt.Axis(title="event", grid=False, labelAngle=0, ticks=False, values=_every(events, step))
        bars = alt.Chart(data(parts)).mark_bar()
        chart: alt.Chart = bars.encode(
            x=alt.X("event_no:O", axis=labels),
            y=alt.Y("amount:Q", axis=amounts_axis("yuan")),
            order="order:Q",
            color=alt.Color("part:N", scale=alt.Scale(domain=[WITHIN, BEYOND], range=[FIRST, ALARM])),
        )
        sized: alt.Chart = chart.properties(width=width - 80, height=HEIGHT // 2 + 30)
        return sized

    last = events[0]
    says = f"Dividends of pool {name} per event; event {last['event_no']} paid {amount(last['amount'])}."
    shows = f"Dividends {chinese('分红')} per event, and what the budget of concessions did not cover"
    return figure(draw, says, shows)


def _every(events: Sequence[Row], step: int) -> list[int]:
    return [event["event_no"] for event in events if event["event_no"] % step == 0 or step == 1]


def _events(events: Sequence[Row]) -> str:
    if not events:
        return '<p class="none">No pool has paid yet.</p>'
    columns = (
        Column("label", "Event", text),
        Column("cutoff_date", "Cut-off", day),
        Column("value_date", "Counts from", day),
        Column("trigger", "Because of", term),
        Column("growth", "Growth", percent, figure=True),
        money("value", f"Pool value {chinese('分红值')}"),
        number("holders", "Holders"),
        money("amount", f"Dividends {chinese('分红')}"),
        money("shortfall", "Beyond the budget"),
    )
    rows = [{**event, "label": f"{event['pool']} {event['event_no']}"} for event in events]
    shown = rows[:EVENTS_LISTED]
    return table("events", "The latest events", columns, shown, left_out=len(rows) - len(shown))
