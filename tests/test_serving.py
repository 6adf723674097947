"""The night under Prefect: what is tried again, what ends itself, what a server owes, and how it is asked for."""

import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from prefect.states import Failed

from flows.commands.main import run
from flows.nights.duties import month_before
from flows.nights.options import Care
from flows.nights.retries import heals
from flows.nights.server.process import own_server
from flows.nights.server.serve import owes_a_night
from flows.nights.tasks import MOST_OF_A_KIND, TaskStages
from flows.settings import SHANGHAI
from schemas.errors import (
    AnotherRunError,
    ConfigurationError,
    ControlFailedError,
    InputMissingError,
    InputRefusedError,
    PublicationError,
    StorageError,
    UsageError,
)
from tests.prefect_site import free_port
from tests.small_lake import warehouse
from tests.three_days import first_settled, night_of
from tests.tiny import day


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return first_settled(tmp_path)


def test_the_report_of_the_1st_is_of_the_month_before() -> None:
    assert month_before(datetime(2026, 3, 1, 9, tzinfo=SHANGHAI)) == date(2026, 2, 1)
    assert month_before(datetime(2026, 1, 31, 17, tzinfo=UTC)) == date(2026, 1, 1)
    assert month_before(datetime(2027, 1, 1, 0, tzinfo=SHANGHAI)) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("fault", "healed"),
    [
        (StorageError("the disk is full"), True),
        (PublicationError("the warehouse cannot be built"), True),
        (OSError("stale file handle"), True),
        (AnotherRunError("another run is at work"), True),
        (InputMissingError("no transactions"), False),
        (InputRefusedError("too much quarantine"), False),
        (ControlFailedError("the books do not balance"), False),
        (ConfigurationError("late_daze"), False),
        (ZeroDivisionError("a defect"), False),
    ],
)
def test_only_what_can_heal_is_tried_again(fault: Exception, healed: bool) -> None:
    assert heals(None, None, Failed(data=fault)) is healed


def test_a_stuck_process_of_the_schedule_ends_itself() -> None:
    stuck = (
        "import time; from datetime import timedelta; from flows.nights import retries; retries.GRACE = timedelta(0)\n"
        "with retries.end_when_stuck(timedelta(seconds=0.2)): time.sleep(300)"
    )
    run_of_a_deployment = {**os.environ, "PREFECT__RUNTIME__DEPLOYMENT__ID": "some"}
    ended = subprocess.run(
        [sys.executable, "-c", stuck], env=run_of_a_deployment, capture_output=True, text=True, check=False, timeout=200
    )
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr, "it says where it hung"


@pytest.mark.parametrize(("dies", "left"), [(True, StorageError), (False, SystemExit)])
def test_serve_leaves_with_an_error_if_its_server_has_ended(
    dies: bool, left: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "flows.nights.server.process._await_health", lambda url, server, log: server.kill() if dies else None
    )
    gone = threading.Event()
    with pytest.raises(left) as leaving, own_server(tmp_path, free_port(), gone.set):
        assert not dies or gone.wait(60)
        sys.exit(0)
    assert not isinstance(leaving.value, StorageError) or "the Prefect server has ended" in leaving.value.what
    assert gone.is_set() is dies


def test_a_range_of_many_blocks_makes_few_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(name: str, task_run_name: str, **_: object) -> object:
        made.append(task_run_name)
        return lambda work: work

    monkeypatch.setattr("flows.nights.tasks.task", counted)
    monkeypatch.setattr("flows.nights.tasks.measured", lambda _: "")
    stages = TaskStages()
    assert stages("read inputs", lambda: 0) == 0
    for number in range(100):
        for name in ("intake", "booking"):
            assert stages(f"{name} {day(number)}..{day(number + 1)}", lambda n=number: n) == number
    assert stages("commit", lambda: 7) == 7
    assert len(made) == 2 + 2 * MOST_OF_A_KIND


@pytest.mark.parametrize(
    ("last_settled", "hour", "owed"),
    [(None, 12, False), (day(2), 12, True), (day(2), 2, False), (day(3), 12, False), (day(1), 3, True)],
)
def test_a_server_that_starts_late_owes_the_night_it_missed(last_settled: date | None, hour: int, owed: bool) -> None:
    assert owes_a_night(last_settled, night_of(3, hour)) is owed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--wait-until", "late"], "--wait-until late"),
        (["serve", "--quarantine-share", "1.5"], "--quarantine-share 1.5"),
        (["serve", "--require", "hope"], "--require"),
    ],
)
def test_serve_refuses_what_has_no_meaning(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert words in capsys.readouterr().err


def test_care_is_checked_where_it_is_made() -> None:
    with pytest.raises(UsageError, match="no time of day"):
        Care(wait_until="25:00")


def test_a_prefect_server_that_does_not_answer_is_10_and_names_the_way_without(
    world: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    places = ("--root", str(world), "--warehouse", str(warehouse(world)))
    assert run([*places, "nightly", "--date", str(day(2))]) == 10
    told = capsys.readouterr().err
    assert "does not answer" in told
    assert "--direct" in told
