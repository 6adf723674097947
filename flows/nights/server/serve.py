"""`settle serve`: every duty in one process that waits for its time, on the Prefect server of PREFECT_API_URL."""

import tempfile
import warnings
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from prefect import serve
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from flows.nights.options import Care
from flows.nights.plain_failures import end_quietly
from flows.nights.server.dead_runs import end_dead_runs
from flows.nights.server.deployments import DUTIES, NIGHTLY, Duty, deployment_of
from flows.nights.server.home import own_folder
from flows.settings import SHANGHAI, Settings, now, yesterday
from lake.runs.log import RunLog

NIGHT_BEGINS: Final = time(2, 15)
"""When the schedule of NIGHTLY starts a night, in Shanghai."""
WAITING: Final = (StateType.SCHEDULED, StateType.PENDING)
"""A run that says it is running may be one whose machine died; the new one waits behind it if it is not."""


def serve_all(settings: Settings, care: Care, tell: Callable[[str], None], *, alone: bool) -> None:
    """Register every duty and run it when it is due, until the process is told to stop.

    What the operator has paused stays paused, and stopping leaves the schedules as they are: runs that come due
    meanwhile are late, and are made up for at the next start. `alone`: the server is this process's own.
    """
    with get_client(sync_client=True) as client:
        found = [(duty, _registered(client, duty)) for duty in DUTIES]
        if alone:
            end_dead_runs(client, [old.id for _, old in found if old], care.alert_block, tell)
        deployments = [
            deployment_of(duty, settings, care, paused=_is_paused(old), active=_is_active(old)) for duty, old in found
        ]
        ids: dict[str, Any] = {duty.name: made.apply() for duty, made in zip(DUTIES, deployments, strict=True)}
        for duty, made in zip(DUTIES, deployments, strict=True):
            tell(f"{made.flow_name}/{duty.name}: {duty.cron} Asia/Shanghai{' (paused)' if made.paused else ''}")
        _catch_up(client, ids[NIGHTLY.name], settings.root, tell)
    end_quietly()
    # Prefect's runner has a folder of a fixed name among everybody's temporary files, which may be another account's.
    tempfile.tempdir = str(own_folder(settings))
    # Told to stop, Prefect leaves a coroutine of its own unawaited, and says so as the last line of the log.
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    serve(*deployments, pause_on_shutdown=False, print_starting_message=False)


def owes_a_night(last_settled: date | None, moment: datetime) -> bool:
    """Whether the last night should have run by `moment` and its day is not settled; never before the first night."""
    begun = moment.astimezone(SHANGHAI).time() >= NIGHT_BEGINS
    return last_settled is not None and begun and last_settled < yesterday(moment)


def _catch_up(client: SyncPrefectClient, deployment_id: UUID, root: Path, tell: Callable[[str], None]) -> None:
    """Start the night that nobody has started: the machine was off, and the server has no run of it either."""
    run = RunLog(root / "lake").last()
    deployment = client.read_deployment(deployment_id)
    idle = deployment.paused or not _is_active(deployment)
    if idle or not owes_a_night(run.last_settled if run else None, now()) or _is_due(client, deployment_id):
        return
    client.create_flow_run_from_deployment(deployment_id, tags=["catch-up"])
    tell("yesterday is not settled: a night was started to catch up")


def _is_due(client: SyncPrefectClient, deployment_id: UUID) -> bool:
    """Whether a run of the deployment is late, and about to begin."""
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(WAITING)))),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=1,
    )
    return any(run.expected_start_time is not None and run.expected_start_time <= now() for run in runs)


def _registered(client: SyncPrefectClient, duty: Duty) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(f"{duty.flow.name}/{duty.name}")
    except ObjectNotFound:
        return None


def _is_paused(old: DeploymentResponse | None) -> bool:
    return old is not None and old.paused


def _is_active(old: DeploymentResponse | None) -> bool:
    schedules: Iterable[Any] = old.schedules if old is not None else ()
    return all(schedule.active for schedule in schedules)
