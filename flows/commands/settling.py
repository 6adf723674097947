"""`settle nightly`, `settle backfill`, `settle publish`."""

from datetime import date

from flows.commands.bill_text import print_bill
from flows.commands.output import described, print_json, print_outcome, say
from flows.commands.progress import listening
from flows.nights.server.address import answers_expected
from flows.nights.server.home import prepare
from flows.operations.last_failure import note_failure
from flows.operations.settle import Outcome, Terms, close_days, preview_range, publish_again, settle_night, settle_range
from flows.operations.told_of_days import (
    changes_of,
    described_changes,
    hole_after,
    reachable,
    told_changes,
    why_nothing,
)
from flows.settings import Settings, now
from flows.settlement.closed.restate import ClosedDaysError
from lake.runs.run import NIGHTLY


def settle_up_to(settings: Settings, last: date, accept: frozenset[date], *, direct: bool) -> None:
    """Settle and answer.

    Raises InputMissingError (11), after the answer, if a day up to `last` is missing: the days before it are settled.
    """
    through = reachable(settings.root, last)
    with listening(f"nightly {through}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_night(settings, through, Terms(accept, listener=listener))
        else:
            prepare(settings)
            from flows.nights.flows import run_night  # noqa: PLC0415

            with answers_expected():
                outcome = run_night(settings, through, accept, listener)
    _answer(outcome, settings, night=last)
    if through < last:
        fault = hole_after(settings.root, through)
        note_failure(settings.root, NIGHTLY, fault, now())
        raise fault


def settle_days(
    settings: Settings, first: date, last: date, accept: frozenset[date], *, direct: bool, restate: bool
) -> None:
    """Settle a range and answer. A refusal because of closed days tells the bill first."""
    try:
        _settle_days(settings, first, last, accept, direct=direct, restate=restate)
    except ClosedDaysError as refusal:
        print_bill(refusal.bill, as_json=settings.as_json)
        raise


def show_bill(settings: Settings, first: date, last: date, accept: frozenset[date]) -> None:
    """What a backfill would change."""
    with listening(f"dry run {first} to {last}", quiet=settings.as_json) as listener:
        bill = preview_range(settings, first, last, Terms(accept, listener=listener))
    print_bill(bill, as_json=settings.as_json)


def close_through(settings: Settings, through: date) -> None:
    """Close the books and answer."""
    run = close_days(settings, through)
    if settings.as_json:
        print_json({"closed_through": through, "changed": run is not None})
    else:
        say(f"closed through {through}" if run else f"{through} was closed already")


def _settle_days(
    settings: Settings, first: date, last: date, accept: frozenset[date], *, direct: bool, restate: bool
) -> None:
    with listening(f"backfill {first} to {last}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_range(settings, first, last, Terms(accept, restate, listener))
        else:
            prepare(settings)
            from flows.nights.flows import run_range  # noqa: PLC0415

            with answers_expected():
                outcome = run_range(settings, first, last, accept, listener, restate=restate)
    _answer(outcome, settings)


def publish_warehouse(settings: Settings) -> None:
    """Publish and answer."""
    path = publish_again(settings)
    if settings.as_json:
        print_json({"warehouse": path})
    else:
        say(f"warehouse: {path} (published)")


def _answer(outcome: Outcome, settings: Settings, *, night: date | None = None) -> None:
    answer, changes = described(outcome, settings.root, settings.warehouse), changes_of(settings.root)
    answer["nothing_to_do"] = why_nothing(settings.root, night, changes) if night and outcome.run is None else None
    answer |= described_changes(changes)
    if settings.as_json:
        print_json(answer)
    else:
        print_outcome(answer)
        say(*told_changes(changes))
