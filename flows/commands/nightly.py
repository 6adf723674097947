"""`settle nightly`."""

from flows.commands.app import Accept, Day, Direct, Given
from flows.commands.progress import listening
from flows.commands.settled import answer_settled
from flows.nights.server.address import answers_expected
from flows.nights.server.home import prepare
from flows.operations.last_failure import note_failure
from flows.operations.settle import Terms, settle_night
from flows.operations.told_of_days import hole_after, reachable
from flows.settings import now, yesterday
from lake.runs.run import NIGHTLY


def nightly(*, date: Day | None = None, accept_quarantine: Accept = (), direct: Direct = False, given: Given) -> None:
    """Settle every unsettled business date up to DATE (default: yesterday in Shanghai), in order.

    If a day is missing, the days before it are settled, and the command ends with exit code 11.

    Parameters
    ----------
    date
        the last business date to settle (default: yesterday in Shanghai)
    """
    last, accepted = date or yesterday(now()), frozenset(accept_quarantine)
    through = reachable(given.root, last)
    with listening(f"nightly {through}", quiet=given.as_json) as listener:
        if direct:
            outcome = settle_night(given, through, Terms(accepted, listener=listener))
        else:
            prepare(given)
            from flows.nights.flows import run_night  # noqa: PLC0415

            with answers_expected():
                outcome = run_night(given, through, accepted, listener)
    answer_settled(outcome, given, night=last)
    if through < last:
        fault = hole_after(given.root, through)
        note_failure(given.root, NIGHTLY, fault, now())
        raise fault
