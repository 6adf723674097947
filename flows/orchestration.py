"""The Prefect flows that settle: the same steps as `--direct`, each stage a task.

Flow parameters are text, dates and amounts; what runs on a schedule and with which of them: `flows.deployments`.
"""

import time as clocks
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import deployment, flow_run
from prefect.states import Completed

from flows.alerts import Limits, night_alerts
from flows.care import Require
from flows.failures import note_failure
from flows.night import Waiting, not_delivered, ready_through
from flows.night_page import night_page, night_summary
from flows.notices import send, tell_failure
from flows.operations import Outcome, settle_night, settle_range
from flows.patience import RETRY_AFTER, end_when_stuck, heals
from flows.settings import Settings, now, yesterday
from flows.settlement.progress import Listener, Silence
from flows.stages import Progress, TaskStages
from lake.runlog import RunLog
from marts.night import NightNumbers, night_numbers
from schemas.errors import SettleError

NIGHT_LASTS: Final = timedelta(hours=20)
"""A night that is not over by then is ended, so that the next one can begin."""

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
    root: str,
    warehouse: str,
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
    settings = _settings(root, warehouse, rulebook, buckets)
    last = date or yesterday(flow_run.scheduled_start_time)
    waiting = Waiting(require, wait_until) if wait_until else None
    with end_when_stuck(NIGHT_LASTS):
        before = _last_settled(settings)
        through = _await(settings, last, waiting) if waiting else last
        if waiting and through < last and through == before:
            raise _missing(settings, through, last, waiting)
        outcome = _settle(settings, through, frozenset(accept_quarantine))
        numbers = _tell(settings, before, through, Limits(fund_floor, quarantine_share), alert_block)
        if waiting and through < last:
            raise _missing(settings, through, last, waiting)
    return _end(outcome, numbers)


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
    settings = _settings(root, warehouse, rulebook, buckets)
    listener = Progress(f"backfill {first} to {last}", _listener())
    return settle_range(settings, first, last, frozenset(accept_quarantine), listener, TaskStages(), restate=restate)


def _await(settings: Settings, last: date, waiting: Waiting) -> date:
    """The day through which everything was delivered before the cut-off."""
    wait = task(name="wait for files", task_run_name=f"wait for files up to {last}", cache_policy=NO_CACHE)(
        lambda: ready_through(settings.root, last, waiting, now, clocks.sleep, get_run_logger().info)
    )
    through: date = wait()
    return through


def _settle(settings: Settings, through: date, accept: frozenset[date]) -> Outcome:
    """Settle; a run of the schedule tries again what can heal, each time from the beginning."""
    listener = Progress(f"nightly {through}", _listener())
    if deployment.id is None:
        return settle_night(settings, through, accept, listener, TaskStages())
    patient = task(
        name="settle",
        task_run_name=f"settle up to {through}",
        retries=len(RETRY_AFTER),
        retry_delay_seconds=list(RETRY_AFTER),
        retry_condition_fn=heals,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(lambda: settle_night(settings, through, accept, listener, TaskStages()))
    outcome: Outcome = patient()
    return outcome


def _last_settled(settings: Settings) -> date | None:
    run = RunLog(settings.root / "lake").last()
    return run.last_settled if run else None


def _tell(
    settings: Settings, before: date | None, through: date, limits: Limits, alert_block: str | None
) -> NightNumbers | None:
    """The night's page, and what somebody has to hear. None if no day was settled."""
    after = _last_settled(settings)
    if after is None or after == before:
        return None
    numbers = night_numbers(settings.warehouse, before, after)
    page = night_page(numbers, settings.warehouse.resolve())
    create_markdown_artifact(page, key=f"night-{through}", description=night_summary(numbers))
    if alert_block:
        for alert in night_alerts(numbers, limits):
            send(alert_block, alert)
    return numbers


def _missing(settings: Settings, through: date, last: date, waiting: Waiting) -> SettleError:
    fault = not_delivered(settings.root, through + timedelta(days=1), waiting, last)
    note_failure(settings.root, "nightly", fault, now())
    # In the log of the run, plainly, before the traceback that Prefect adds.
    get_run_logger().error(str(fault))
    return fault


def _end(outcome: Outcome, numbers: NightNumbers | None) -> State[Outcome]:
    """The flow run's last state, named so that a list of nights tells them apart."""
    if numbers is None:
        return Completed(name="Nothing to do", message="settled already, from the same inputs and rules", data=outcome)
    days = f"{numbers.first} to {numbers.last}" if len(numbers.days) > 1 else f"{numbers.last}"
    name = "Caught up" if len(numbers.days) > 1 else "Settled"
    return Completed(name=name, message=f"settled {days}", data=outcome)


def _listener() -> Listener:
    return _listeners[0] if _listeners else Silence()


def _places(settings: Settings) -> dict[str, Any]:
    return {
        "root": str(settings.root),
        "warehouse": str(settings.warehouse),
        "rulebook": str(settings.rulebook) if settings.rulebook else None,
        "buckets": settings.buckets,
    }


def _settings(root: str, warehouse: str, rulebook: str | None, buckets: int | None) -> Settings:
    return Settings(Path(root), Path(warehouse), Path(rulebook) if rulebook else None, buckets)
