"""`settle nightly`, `settle backfill`, `settle publish`."""

from datetime import date

from flows.answers import described, print_json, print_outcome, say
from flows.commands.bills import print_bill
from flows.operations import Outcome, Terms, close_days, preview_range, publish_again, settle_night, settle_range
from flows.prefect_home import prepare
from flows.settings import Settings
from flows.settlement.closed import ClosedDaysError
from flows.talk import listening


def settle_up_to(settings: Settings, last: date, accept: frozenset[date], *, direct: bool) -> None:
    """Settle and answer."""
    with listening(f"nightly {last}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_night(settings, last, Terms(accept, listener=listener))
        else:
            prepare(settings)
            from flows.orchestration import run_night  # noqa: PLC0415

            outcome = run_night(settings, last, accept, listener)
    _answer(outcome, settings)


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
            from flows.orchestration import run_range  # noqa: PLC0415

            outcome = run_range(settings, first, last, accept, listener, restate=restate)
    _answer(outcome, settings)


def publish_warehouse(settings: Settings) -> None:
    """Publish and answer."""
    path = publish_again(settings)
    if settings.as_json:
        print_json({"warehouse": path})
    else:
        say(f"warehouse: {path} (published)")


def _answer(outcome: Outcome, settings: Settings) -> None:
    answer = described(outcome, settings.root, settings.warehouse)
    if settings.as_json:
        print_json(answer)
    else:
        print_outcome(answer)
