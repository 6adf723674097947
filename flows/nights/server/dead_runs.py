"""Runs that died together with `settle serve` and its server: a killed process, a machine that went down.

The server of the next start still believes that they run, and nothing of their deployment would ever begin again: they
hold its only place, and the lease by which a living server notices is lost with the old one.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

from flows.nights.alerts import failure_alert
from flows.nights.send import send

BEGUN: Final = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
MESSAGE: Final = "its process ended together with `settle serve`, or with the machine"


def end_dead_runs(
    client: SyncPrefectClient, deployments: Sequence[UUID], alert_block: str | None, tell: Callable[[str], None]
) -> None:
    """Mark them as crashed, and say so. For a server that this process has just started: nobody else runs anything."""
    if not deployments:
        return
    dead = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(deployments))),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(BEGUN)))),
    )
    for run in dead:
        client.set_flow_run_state(run.id, Crashed(message=MESSAGE), force=True)
        tell(f"{run.name} did not end well: {MESSAGE}")
        if alert_block:
            send(alert_block, failure_alert(run.name, None, MESSAGE))
