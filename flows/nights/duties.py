"""Prefect flows beside the nights: is yesterday settled, is history still what it was, the month's report.

Each takes its date from the time it was scheduled for, so that a late start speaks of the right one.
"""

from datetime import date, datetime, timedelta
from typing import Final

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.nights.page import file_link
from flows.nights.plain_failures import tell_failures_plainly
from flows.nights.retries import RETRY_AFTER, end_when_stuck, heals
from flows.nights.send import tell_failure
from flows.nights.service import places_of_run
from flows.nights.tasks import Progress
from flows.operations.standing import require_settled
from flows.settings import SHANGHAI, now, yesterday
from flows.settlement.progress import Silence
from flows.verify.compare import Verification
from flows.verify.recompute import verify
from schemas.rulebook import load_rulebook

HISTORY_LASTS: Final = timedelta(hours=12)
"""A verification that is not over by then is ended: it holds the lake's lock, and a night may wait for it."""
READING_LASTS: Final = timedelta(hours=2)
"""The same for what only reads: the next one waits behind it."""

tell_failures_plainly()


def _watch_name() -> str:
    return f"watch {yesterday(flow_run.scheduled_start_time)}"


def _verify_name() -> str:
    return f"verify up to {yesterday(flow_run.scheduled_start_time)}"


@flow(
    name="watch",
    flow_run_name=_watch_name,
    persist_result=False,
    timeout_seconds=READING_LASTS.total_seconds(),
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def watch(root: str | None = None, warehouse: str | None = None, alert_block: str | None = None) -> None:
    """Fail, and so alert, if the day before the scheduled time is not settled and published."""
    day = yesterday(flow_run.scheduled_start_time)
    places = places_of_run(root, warehouse)
    with end_when_stuck(READING_LASTS):
        require_settled(places.root, places.warehouse, day)
    get_run_logger().info("%s is settled and published", day)


@flow(
    name="verify",
    flow_run_name=_verify_name,
    persist_result=False,
    timeout_seconds=HISTORY_LASTS.total_seconds(),
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def verify_history(
    root: str | None = None, rulebook: str | None = None, alert_block: str | None = None
) -> State[Verification]:
    """Recompute all history from the landing feeds and compare it with what is stored; fail if anything differs."""
    places = places_of_run(root, None, rulebook)
    compare = task(
        name="recompute and compare",
        task_run_name="recompute and compare",
        retries=len(RETRY_AFTER),
        retry_delay_seconds=list(RETRY_AFTER),
        retry_condition_fn=heals,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(
        lambda: verify(
            places.root,
            load_rulebook(places.rulebook) if places.rulebook else None,
            now,
            Progress("verify", Silence()),
        )
    )
    with end_when_stuck(HISTORY_LASTS):
        found: Verification = compare()
    for note in found.notes:
        get_run_logger().warning(note)
    said = f"{found.first} to {found.last}: {found.tables} tables, {found.rows:,} rows are what they should be"
    return Completed(name="Verified", message=said, data=found)


def month_before(moment: datetime) -> date:
    """The first day of the calendar month, in Shanghai, before the one of `moment`."""
    this_month = moment.astimezone(SHANGHAI).date().replace(day=1)
    return (this_month - timedelta(days=1)).replace(day=1)


def _month_name() -> str:
    return f"month report {month_before(flow_run.scheduled_start_time):%Y-%m}"


@flow(
    name="month-report",
    flow_run_name=_month_name,
    persist_result=False,
    timeout_seconds=READING_LASTS.total_seconds(),
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def month_report(
    root: str | None = None, warehouse: str | None = None, rulebook: str | None = None, alert_block: str | None = None
) -> State[str]:
    """Write the report of the month before the scheduled time; fail, and so alert, if it is not settled to its end."""
    from flows.report.write import write_report  # noqa: PLC0415

    places, first = places_of_run(root, warehouse, rulebook), month_before(flow_run.scheduled_start_time)
    with end_when_stuck(READING_LASTS):
        written = write_report(places.root, places.warehouse, first_of_month=first, rulebook=places.rulebook)
    page, said = f"# Report of {first:%Y-%m}\n\n{file_link(written)}\n", f"the report of {first:%Y-%m} is written"
    create_markdown_artifact(page, key=f"month-{first:%Y-%m}", description=said)
    return Completed(name="Written", message=f"{said}: {written}", data=str(written))
