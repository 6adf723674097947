"""What runs by itself, and when: one list of (flow, schedule, limit), for `settle serve` and for `prefect.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nights.duties import month_report, verify_history, watch
from flows.nights.flows import nightly
from flows.nights.options import Care
from flows.settings import SHANGHAI, Settings


@dataclass(frozen=True)
class Duty:
    """One flow on a schedule. `cron` is Shanghai time; `takes`: the parameters that it is given; one run at a time."""

    name: str
    flow: Flow[..., Any]
    cron: str
    takes: tuple[str, ...]
    description: str
    limit: int = 1


NIGHTLY: Final = Duty(
    "every-night",
    nightly,
    "15 2 * * *",
    (
        "buckets",
        "require",
        "wait_until",
        "alert_block",
        "fund_floor",
        "quarantine_share",
    ),
    "Settles yesterday, and before it every day that is not settled yet.",
)
DUTIES: Final = (
    NIGHTLY,
    Duty(
        "every-morning",
        watch,
        "30 8 * * *",
        ("alert_block",),
        "Alerts if yesterday is not settled and published. After the nights' cut-off.",
    ),
    Duty(
        "every-month",
        month_report,
        "0 9 1 * *",
        ("alert_block",),
        "Writes the report of the month before, on the 1st.",
    ),
    Duty(
        "every-week",
        verify_history,
        "0 12 * * 0",
        ("alert_block",),
        "Recomputes all history and compares it with what is stored. On Sundays, when no night is due.",
    ),
)
"""All of them. Names are what the operator sees: nightly/every-night."""


def parameters(duty: Duty, settings: Settings, care: Care) -> dict[str, Any]:
    """What the flow is called with. Where it works is none of it: its service says that (`flows.nights.service`)."""
    known: Mapping[str, Any] = {
        "buckets": settings.buckets,
        "require": care.require,
        "wait_until": care.wait_until,
        "alert_block": care.alert_block,
        "fund_floor": _text(care.fund_floor),
        "quarantine_share": _text(care.quarantine_share),
    }
    return {name: known[name] for name in duty.takes}


def deployment_of(duty: Duty, settings: Settings, care: Care, *, paused: bool, active: bool) -> RunnerDeployment:
    """The duty as a Prefect deployment. `paused`, `active`: what the operator has made of it and of its schedule."""
    made = duty.flow.to_deployment(
        name=duty.name,
        schedule=Cron(duty.cron, timezone=SHANGHAI.key, slug=duty.name, active=active),
        parameters=parameters(duty, settings, care),
        description=duty.description,
        paused=paused,
        concurrency_limit=ConcurrencyLimitConfig(limit=duty.limit, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
        entrypoint_type=EntrypointType.MODULE_PATH,
        tags=["settlement"],
    )
    assert isinstance(made, RunnerDeployment), "asked for outside an event loop"
    return made


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
