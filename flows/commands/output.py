"""Answers on stdout: text for people, JSON for machines. What a run has done, read back from the lake."""

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from flows.commands.restated_text import print_restated, restated_by
from lake.draft.draft import Draft
from lake.runs.run import Run
from lake.tables.store import Store
from schemas.shown import is_hidden, shown
from schemas.tables import LEDGER, POOL_EVENTS, QUARANTINE
from schemas.units import yuan

if TYPE_CHECKING:
    # Commands that only read must not import the settlement.
    from flows.operations.settle import Outcome

SHOWN_EVENTS = 10
"""Events in a text answer; the warehouse has them all."""


def say(*lines: str) -> None:
    """Lines of an answer for people. Each stays one line, whatever characters the values in it have."""
    for line in lines:
        print(shown(line))


def print_json(answer: object) -> None:
    """One JSON document; amounts are strings, so that nobody reads them as floats.

    Values are in it as they are; what cannot be seen, or stdout's encoding has not, is written as JSON's escapes.
    """
    everything = getattr(sys.stdout, "has_unicode", True)
    text = json.dumps(answer, ensure_ascii=not everything, default=_plain)
    print(text if text.isprintable() else "".join(map(_json_shown, text)))


def _json_shown(character: str) -> str:
    return json.dumps(character)[1:-1] if is_hidden(character) else character


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def described(outcome: "Outcome", root: Path, warehouse: Path) -> dict[str, Any]:
    """What a nightly or backfill has done."""
    if outcome.run is None:
        return {"settled": None, "published": outcome.published, "warehouse": warehouse}
    run = outcome.run
    return {
        "settled": {"first": run.first_date, "last": run.last_date},
        "run_id": run.run_id,
        "rows": {"in": run.rows_in, "booked": run.rows_booked, "quarantined": run.rows_quarantined},
        **run_totals(root, run),
        "published": outcome.published,
        "warehouse": warehouse,
    }


def run_totals(root: Path, run: Run) -> dict[str, Any]:
    """Events, amounts by kind, quarantine by reason of the days that a run settled."""
    draft = Draft(Store(root / "lake"), run.versions, run.run_id)
    days = pl.col("cutoff_date").is_between(run.first_date, run.last_date)
    events = draft.small(POOL_EVENTS).filter(days).sort("cutoff_date", "pool")
    kinds = (
        draft.between(LEDGER, run.first_date, run.last_date)
        .group_by("kind", "asset")
        .agg(fen=pl.col("amount_fen").cast(pl.Int128).sum(), rows=pl.len())
        .sort("kind", "asset")
        .collect()
    )
    reasons = draft.between(QUARANTINE, run.first_date, run.last_date).group_by("feed", "reason").len()
    return {
        "events": [
            {
                "pool": event["pool"],
                "event_no": event["event_no"],
                "cutoff_date": event["cutoff_date"],
                "trigger": event["trigger"],
                "holders": event["holders"],
                "amount": yuan(event["amount_fen"]),
                "shortfall": yuan(event["shortfall_fen"]),
            }
            for event in events.iter_rows(named=True)
        ],
        "amounts": [
            {"kind": kind, "asset": asset, "amount": yuan(int(fen)), "rows": rows}
            for kind, asset, fen, rows in kinds.iter_rows()
        ],
        "restated": _restated(draft),
        "quarantine": [
            {"feed": feed, "reason": reason, "rows": rows}
            for feed, reason, rows in reasons.sort("feed", "reason").collect().iter_rows()
        ],
    }


def _restated(draft: Draft) -> dict[str, Any] | None:
    found = restated_by(draft)
    for line in found["amounts"] if found else ():
        for name in ("before", "after", "difference"):
            line[name] = yuan(int(line.pop(f"{name}_fen")))
    return found


def print_outcome(answer: dict[str, Any]) -> None:
    """The same for people."""
    if answer["settled"] is None:
        say(f"nothing to do: {answer.get('nothing_to_do') or 'settled already, from the same inputs and rules'}")
    else:
        _print_run(answer)
    say(f"warehouse: {answer['warehouse']}{' (published)' if answer['published'] else ' (unchanged)'}")


def _print_run(answer: dict[str, Any]) -> None:
    rows, days = answer["rows"], answer["settled"]
    say(f"settled {days['first']} to {days['last']} as run {answer['run_id']}")
    say(f"rows: {rows['in']:,} in = {rows['booked']:,} booked + {rows['quarantined']:,} quarantined")
    for reason in answer["quarantine"]:
        say(f"  quarantined {reason['rows']:>8,}  {reason['feed']}: {reason['reason']}")
    for amount in answer["amounts"]:
        say(f"  {amount['kind']:<20} {amount['amount']:>20,} {amount['asset']}")
    print_restated(answer["restated"])
    for event in answer["events"][-SHOWN_EVENTS:]:
        say(
            f"  {event['cutoff_date']} pool {event['pool']} event {event['event_no']} by {event['trigger']}: "
            f"{event['amount']:,} to {event['holders']:,} holders"
        )
    if len(answer["events"]) > SHOWN_EVENTS:
        say(f"  ({len(answer['events'])} events in all: select * from pool_events)")
