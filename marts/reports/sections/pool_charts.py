"""Charts of a pool 积分池: its value with its events, and what each event paid."""

from collections.abc import Sequence

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
from marts.reports.outlook import Waiting
from marts.reports.words import amount, chinese, many

WITHIN, BEYOND = "within the budget", "beyond the budget"


def value_chart(values: Sequence[Row], events: Sequence[Row], waiting: Waiting | None, name: str) -> str:
    """`values`: business_date, value; the last is now. `events` of this pool: cutoff_date, value, trigger."""
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


def dividends_chart(events: Sequence[Row], name: str) -> str:
    """`events` of this pool, latest first, at least one: event_no, amount, and its parts covered and beyond."""
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
