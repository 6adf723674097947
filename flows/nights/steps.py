"""The steps of a night as a Prefect flow: wait, settle, tell, and end in a state with a name."""

import time
from datetime import date, timedelta

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import deployment
from prefect.states import Completed

from flows.nights.alerts import Limits, night_alerts
from flows.nights.page import night_page, night_summary
from flows.nights.reports import write_reports
from flows.nights.retries import RETRY_AFTER, heals
from flows.nights.send import send
from flows.nights.tasks import Progress, TaskStages
from flows.nights.wait_for_files import Waiting, not_delivered, ready_through
from flows.operations.last_failure import note_failure
from flows.operations.settle import Outcome, Terms, settle_night
from flows.operations.told_of_days import changes_of, hole_after, told_changes
from flows.settings import Settings, now
from flows.settlement.progress import Listener
from lake.runs.log import RunLog
from marts.night import NightNumbers, night_numbers
from schemas.errors import SettleError


def await_files(settings: Settings, last: date, waiting: Waiting) -> date:
    """The day through which everything was delivered before the cut-off."""
    wait = task(name="wait for files", task_run_name=f"wait for files up to {last}", cache_policy=NO_CACHE)(
        lambda: ready_through(settings.root, last, waiting, now, time.sleep, get_run_logger().info)
    )
    through: date = wait()
    return through


def settle_patiently(settings: Settings, through: date, accept: frozenset[date], beside: Listener) -> Outcome:
    """Settle; a run of the schedule tries again what can heal, each time from the beginning."""
    terms = Terms(accept, listener=Progress(f"nightly {through}", beside), stages=TaskStages())
    if deployment.id is None:
        return settle_night(settings, through, terms)
    patient = task(
        name="settle",
        task_run_name=f"settle up to {through}",
        retries=len(RETRY_AFTER),
        retry_delay_seconds=list(RETRY_AFTER),
        retry_condition_fn=heals,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(lambda: settle_night(settings, through, terms))
    outcome: Outcome = patient()
    return outcome


def last_settled(settings: Settings) -> date | None:
    """The lake's last settled day."""
    run = RunLog(settings.root / "lake").last()
    return run.last_settled if run else None


def tell(
    settings: Settings, before: date | None, through: date, limits: Limits, alert_block: str | None
) -> NightNumbers | None:
    """What somebody has to hear, the reports and the night's page. None if no day was settled."""
    after = last_settled(settings)
    if after is None or after == before:
        for line in told_changes(changes_of(settings.root)):
            get_run_logger().warning(line)
        return None
    numbers = night_numbers(settings.warehouse, before, after)
    if alert_block:
        for alert in night_alerts(numbers, limits):
            send(alert_block, alert)
    reports = write_reports(settings, [day[0] for day in numbers.days])
    page = night_page(numbers, settings.warehouse.resolve(), reports, told_changes(changes_of(settings.root)))
    create_markdown_artifact(page, key=f"night-{through}", description=night_summary(numbers))
    return numbers


def missing(settings: Settings, through: date, last: date, waiting: Waiting | None) -> SettleError:
    """What to raise about the day after `through`, with a note of it for `settle status`."""
    if waiting is None:
        fault = hole_after(settings.root, through)
    else:
        fault = not_delivered(settings.root, through + timedelta(days=1), waiting, last)
    note_failure(settings.root, "nightly", fault, now())
    return fault


def end(outcome: Outcome, numbers: NightNumbers | None) -> State[Outcome]:
    """The flow run's last state, named so that a list of nights tells them apart."""
    if numbers is None:
        return Completed(name="Nothing to do", message="nothing was left to settle", data=outcome)
    days = f"{numbers.first} to {numbers.last}" if len(numbers.days) > 1 else f"{numbers.last}"
    name = "Caught up" if len(numbers.days) > 1 else "Settled"
    return Completed(name=name, message=f"settled {days}", data=outcome)
