"""`settle backfill`."""

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from flows.commands.app import Accept, Day, Direct, Given
from flows.commands.bill_text import print_bill
from flows.commands.progress import listening
from flows.commands.settled import answer_settled
from flows.nights.server.address import answers_expected
from flows.nights.server.home import prepare
from flows.operations.settle import Terms, preview_range, settle_range
from flows.settings import Settings
from flows.settlement.closed.restate import ClosedDaysError


def backfill(
    *,
    from_: Annotated[Day, Parameter(name="--from")],
    to: Day,
    accept_quarantine: Accept = (),
    dry_run: Annotated[
        bool, Parameter(negative="", help="show what would change, in money, and change nothing")
    ] = False,
    restate: Annotated[
        bool, Parameter(negative="", help="book what changes on closed days on the latest settled day")
    ] = False,
    direct: Direct = False,
    given: Given,
) -> None:
    """Recompute the days from..to, and every later settled day, from the landing feeds as they are now.

    A refusal because of closed days tells the bill first.

    Parameters
    ----------
    from_
        the first business date to recompute
    to
        the last business date to recompute
    """
    accepted = frozenset(accept_quarantine)
    if dry_run:
        _show_bill(given, from_, to, accepted)
        return
    try:
        _settle(given, from_, to, accepted, direct=direct, restate=restate)
    except ClosedDaysError as refusal:
        print_bill(refusal.bill, as_json=given.as_json)
        raise


def _show_bill(settings: Settings, first: date, last: date, accepted: frozenset[date]) -> None:
    with listening(f"dry run {first} to {last}", quiet=settings.as_json) as listener:
        bill = preview_range(settings, first, last, Terms(accepted, listener=listener))
    print_bill(bill, as_json=settings.as_json)


def _settle(
    settings: Settings, first: date, last: date, accepted: frozenset[date], *, direct: bool, restate: bool
) -> None:
    with listening(f"backfill {first} to {last}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_range(settings, first, last, Terms(accepted, restate, listener))
        else:
            prepare(settings)
            from flows.nights.flows import run_range  # noqa: PLC0415

            with answers_expected():
                outcome = run_range(settings, first, last, accepted, listener, restate=restate)
    answer_settled(outcome, settings)
