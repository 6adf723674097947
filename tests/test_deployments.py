"""Schedules as Prefect has them: what their flows take, when they run, and that the list in code is the one told."""

import inspect
import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule

from flows.nights.options import Care
from flows.nights.server.deployments import DUTIES, Duty, deployment_of, parameters
from flows.settings import Settings


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_a_schedule_gives_its_flow_what_the_flow_takes(duty: Duty) -> None:
    settings = Settings(Path("data"), Path("w.duckdb"), Path("r.toml"))
    given = parameters(duty, settings, Care(fund_floor=Decimal(0), quarantine_share=Decimal("0.01")))
    taken = inspect.signature(duty.flow.fn).parameters
    assert given.keys() <= taken.keys()
    assert {name for name, taken_one in taken.items() if taken_one.default is inspect.Parameter.empty} <= given.keys()
    assert duty.flow.validate_parameters(given)
    json.dumps(given)
    assert not given.keys() & {"root", "warehouse", "rulebook"}, "where it works is its service's to say"


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_a_deployment_has_its_schedule_in_shanghai_and_runs_once_at_a_time(duty: Duty) -> None:
    made = deployment_of(duty, Settings(), Care(), paused=True, active=False)
    [schedule] = made.schedules or []
    assert isinstance(schedule, DeploymentScheduleCreate)
    assert isinstance(schedule.schedule, CronSchedule)
    assert (schedule.schedule.cron, schedule.schedule.timezone) == (duty.cron, "Asia/Shanghai")
    assert (made.paused, schedule.active, made.concurrency_limit) == (True, False, 1)
    assert made.concurrency_options is not None
    assert made.concurrency_options.collision_strategy == ConcurrencyLimitStrategy.ENQUEUE


def test_prefect_yaml_says_the_same_as_the_list_in_code() -> None:
    written = yaml.safe_load((Path(__file__).parent.parent / "prefect.yaml").read_text(encoding="utf-8"))
    listed = {each["name"]: each for each in written["deployments"]}
    assert list(listed) == [duty.name for duty in DUTIES]
    for duty in DUTIES:
        each = listed[duty.name]
        module, _, function = each["entrypoint"].rpartition(".")
        assert module == duty.flow.fn.__module__
        assert function == duty.flow.fn.__name__
        assert each["schedules"] == [{"cron": duty.cron, "timezone": "Asia/Shanghai", "slug": duty.name}]
        assert each["concurrency_limit"] == {"limit": duty.limit, "collision_strategy": "ENQUEUE"}
        assert each["description"] == duty.description
        assert tuple(each["parameters"]) == duty.takes
        assert each["parameters"] == parameters(duty, Settings(), Care())
