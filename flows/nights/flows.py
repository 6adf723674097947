"""The Prefect flows that settle: the same steps as `--direct`, each stage a task.

Flow parameters are text, dates and amounts; a run of the schedule takes none that says where it works
(`flows.nights.service`). What runs on a schedule, and with which of them: `flows.nights.server.deployments`.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.nights.alerts import Limits
from flows.nights.options import Require
from flows.nights.plain_failures import tell_failures_plainly
from flows.nights.retries import end_when_stuck
from flows.nights.send import tell_failure
from flows.nights.service import places_of_run
from flows.nights.steps import await_files, end, last_settled, missing, settle_patiently, tell
from flows.nights.tasks import Progress, TaskStages
from flows.nights.wait_for_files import Waiting
from flows.operations.settle import Outcome, Terms, settle_range
from flows.operations.told_of_days import reachable
from flows.settings import Settings, yesterday
from flows.settlement.progress import Listener, Silence

NIGHT_LASTS: Final = timedelta(hours=20)
"""A night that is not over by then is ended, so that the next one can begin."""

tell_failures_plainly()

_listeners: list[Listener] = []
"""Who hears the flow of this process; no flow parameter, since it cannot be stored."""


def run_night(settings: Settings, last: date, accept: frozenset[date], listener: Listener) -> Outcome:
    """`settle nightly` as a Prefect flow run."""
    _listeners[:] = [listener]
    # Of a flow that ends with a state of its own, Prefect returns the data.
    outcome: Any = nightly(**_places(settings), date=last, accept_quarantine=sorted(accept))
    assert isinstance(outcome, Outcome)
    return outcome


def run_range(
    settings: Settings, first: date, last: date, accept: frozenset[date], listener: Listener, *, restate: bool = False
) -> Outcome:
    """`settle backfill` as a Prefect flow run."""
    _listeners[:] = [listener]
    outcome: Outcome = backfill(
        **_places(settings), first=first, last=last, accept_quarantine=sorted(accept), restate=restate
    )
    return outcome


def _night_name() -> str:
    given = flow_run.parameters.get("date")
    return f"nightly {given or yesterday(flow_run.scheduled_start_time)}"


@flow(
    name="nightly",
    flow_run_name=_night_name,
    persist_result=False,
    timeout_seconds=NIGHT_LASTS.total_seconds(),
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def nightly(
    root: str | None = None,
    warehouse: str | None = None,
    rulebook: str | None = None,
    buckets: int | None = None,
    date: date | None = None,
    accept_quarantine: Sequence[date] = (),
    require: Require = "files",
    wait_until: time | None = None,
    alert_block: str | None = None,
    fund_floor: Decimal | None = None,
    quarantine_share: Decimal | None = None,
) -> State[Outcome]:
    """Settle every unsettled business date up to `date` in order, and publish the warehouse.

    Without `date`: the day before the run was *scheduled*, so that a late start settles the right one. With
    `wait_until` (a time of day in Shanghai) it waits for the days' files until then.
    """
    settings = places_of_run(root, warehouse, rulebook, buckets)
    last = date or yesterday(flow_run.scheduled_start_time)
    waiting = Waiting(require, wait_until) if wait_until else None
    with end_when_stuck(NIGHT_LASTS):
        before = last_settled(settings)
        through = await_files(settings, last, waiting) if waiting else reachable(settings.root, last)
        if waiting and through < last and through == before:
            raise missing(settings, through, last, waiting)
        outcome = settle_patiently(settings, through, frozenset(accept_quarantine), _listener())
        numbers = tell(settings, before, through, Limits(fund_floor, quarantine_share), alert_block)
        if through < last:
            raise missing(settings, through, last, waiting)
    return end(outcome, numbers)


@flow(name="backfill", flow_run_name="backfill {first} to {last}", persist_result=False)
def backfill(
    root: str,
    warehouse: str,
    rulebook: str | None,
    first: date,
    last: date,
    accept_quarantine: Sequence[date] = (),
    buckets: int | None = None,
    restate: bool = False,
) -> Outcome:
    """Recompute first..last and all settled days after it, and publish the warehouse."""
    settings = places_of_run(root, warehouse, rulebook, buckets)
    listener = Progress(f"backfill {first} to {last}", _listener())
    return settle_range(settings, first, last, Terms(frozenset(accept_quarantine), restate, listener, TaskStages()))


def _listener() -> Listener:
    return _listeners[0] if _listeners else Silence()


def _places(settings: Settings) -> dict[str, Any]:
    return {
        "root": str(settings.root),
        "warehouse": str(settings.warehouse),
        "rulebook": str(settings.rulebook) if settings.rulebook else None,
        "buckets": settings.buckets,
    }
