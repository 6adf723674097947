"""The bill of a backfill, for people and machines."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.commands.output import print_json, say
from schemas.units import yuan

_HEADED = ("amounts", "to_restate", "movers", "below_zero")


def readable(bill: Mapping[str, Any] | None) -> dict[str, Any]:
    """The bill with amounts as decimals: `before`, `after`, `difference`."""
    if bill is None:
        return {"changes": False}
    lines = {name: [_line(line) for line in bill[name]] for name in (*_HEADED, "events")}
    return {"changes": True, **bill, **lines}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removesuffix("_fen"): yuan(int(value)) if name.endswith("_fen") and value is not None else value
        for name, value in line.items()
    }


def print_bill(bill: Mapping[str, Any] | None, *, as_json: bool) -> None:
    """Tell the bill on stdout."""
    answer = readable(bill)
    if as_json:
        print_json(answer)
    elif bill is None:
        say("nothing would change: settled already, from the same inputs and rules")
    else:
        _print(answer)


def _print(answer: Mapping[str, Any]) -> None:
    changed, new, closed = answer["days_changed"], answer["days_new"], answer["closed_days_changed"]
    say(f"a backfill of {answer['first']} to {answer['last']} would change {_days(changed)}, settle {_days(new)} anew,")
    say(f"and move amounts of {answer['holders']:,} holders.")
    for line in answer["amounts"]:
        say(_amounts(line))
    if closed:
        say(f"of closed days ({_days(closed)}) it would restate:{'' if answer['to_restate'] else ' no amount'}")
        for line in answer["to_restate"]:
            say(_amounts(line))
    say(f"events new, gone or different: {len(answer['events'])}")
    for event in answer["events"]:
        before, after = event["before_amount"], event["after_amount"]
        say(
            f"  pool {event['pool']} event {event['event_no']}: {_moved(event['before_cutoff_date'], before)} -> "
            + _moved(event["after_cutoff_date"], after)
        )
    _print_holders("holders whose amounts move most:", answer["movers"])
    _print_holders("balances that fall below zero:", answer["below_zero"])


def _amounts(line: Mapping[str, Any]) -> str:
    change = f"{line['before']:>18,} -> {line['after']:>18,}  ({line['difference']:+,})"
    return f"  {line['kind']:<20} {line['asset']:<8} {change}"


def _moved(day: date | None, amount: object) -> str:
    return "none" if day is None else f"{day} {amount:,}"


def _print_holders(title: str, lines: list[dict[str, Any]]) -> None:
    if lines:
        say(title)
    for line in lines:
        holder = f"{line['holder_kind']} {line['holder_id']}"
        say(f"  {holder:<22} {line['asset']:<8} {line['before']:>16,} -> {line['after']:>16,}")


def _days(days: list[date]) -> str:
    if not days:
        return "no day"
    return f"{len(days)} days from {days[0]} to {days[-1]}" if len(days) > 1 else f"{days[0]}"
