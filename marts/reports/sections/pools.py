"""Pools 积分池 and their dividends 分红: what they are worth, what they wait for, what each event paid."""

from collections.abc import Sequence
from typing import Any, Final

from marts.reading import Row
from marts.reports.figures import Figures
from marts.reports.outlook import Outlook, Waiting
from marts.reports.sections import Section
from marts.reports.sections.pool_charts import dividends_chart, value_chart
from marts.reports.tables import Column, money, month_ends, number, table, unfolded
from marts.reports.words import amount, chinese, day, percent, term, text

CHARTED: Final = 4
"""Pools with charts of their own: the largest. All stand in the table."""
EVENTS_LISTED: Final = 12
EVENTS_CHARTED: Final = 40


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
    parts = [f"<h3>Pool {term(name)}</h3>", f"<p>{_told(waiting)}</p>", value_chart(values, events, waiting, name)]
    if events:
        parts.append(dividends_chart(events[:EVENTS_CHARTED], name))
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
