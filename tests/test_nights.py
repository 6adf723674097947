"""The night around the settlement: which days it waits for, what can be tried again, whether a day stands."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from prefect.states import Failed

from flows.care import Care
from flows.cli import run
from flows.night import MARKERS, Waiting, incomplete_days, not_delivered, ready_through
from flows.patience import heals
from flows.prefect_server import own_server
from flows.routine import month_before
from flows.serving import owes_a_night
from flows.settings import SHANGHAI, yesterday
from flows.stages import MOST_OF_A_KIND, TaskStages
from flows.standing import require_settled
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
from tests.small_lake import command, warehouse
from tests.tiny import FIRST, day, purchase, write_tiny

EIGHT = Waiting("files", time(8))
DAYS = {n: [purchase(f"a{n}", n, "100.00")] for n in (1, 2, 3)}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Three days, the first settled."""
    write_tiny(tmp_path, DAYS, 3)
    assert command(tmp_path, "nightly", "--date", str(day(1))) == 0
    return tmp_path


def folder(root: Path, number: int) -> Path:
    return root / "landing" / "transactions" / f"day={day(number)}"


class Clock:
    """A clock that moves when somebody sleeps; `then` happens at its moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment, self.slept = moment, 0
        self.then: dict[int, Path] = {}

    def __call__(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        self.moment += timedelta(seconds=seconds)
        if arriving := self.then.get(self.slept):
            arriving.parent.mkdir(parents=True, exist_ok=True)
            arriving.write_text("txn_id\n", encoding="utf-8")


def night_of(number: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the night that settles day `number`."""
    return datetime.combine(day(number + 1), time(hour, minute), SHANGHAI)


def test_the_business_date_is_the_day_before_the_scheduled_time_in_shanghai() -> None:
    assert yesterday(datetime(2026, 11, 24, 18, 15, tzinfo=UTC)) == date(2026, 11, 24)
    assert yesterday(datetime(2026, 11, 24, 15, 59, tzinfo=UTC)) == date(2026, 11, 23)


def test_the_report_of_the_1st_is_of_the_month_before() -> None:
    assert month_before(datetime(2026, 3, 1, 9, tzinfo=SHANGHAI)) == date(2026, 2, 1)
    assert month_before(datetime(2026, 1, 31, 17, tzinfo=UTC)) == date(2026, 1, 1)
    assert month_before(datetime(2027, 1, 1, 0, tzinfo=SHANGHAI)) == date(2026, 12, 1)


def test_a_night_whose_files_are_there_does_not_wait(world: Path) -> None:
    clock = Clock(night_of(3, 2, 15))
    assert ready_through(world, day(3), EIGHT, clock, clock.sleep, print) == day(3)
    assert clock.slept == 0


def test_a_night_waits_for_a_late_file_and_says_for_which_day(world: Path) -> None:
    clock, said = Clock(night_of(4, 2, 15)), []
    clock.then[5] = folder(world, 4) / "a.csv"
    assert ready_through(world, day(4), EIGHT, clock, clock.sleep, said.append) == day(4)
    assert clock.slept == 5
    assert said == [f"waiting for {day(4)} until {day(5)} 08:00 CST"]


def test_at_the_cut_off_the_days_before_the_missing_one_are_ready(world: Path) -> None:
    (folder(world, 3) / "a.csv").unlink()
    clock = Clock(night_of(4, 7, 58))
    assert ready_through(world, day(4), EIGHT, clock, clock.sleep, print) == day(2)
    assert clock.moment == EIGHT.cut_off(day(4))
    fault = not_delivered(world, day(3), EIGHT, day(4))
    assert fault.exit_code == 11
    assert str(folder(world, 3)) in str(fault)
    assert "08:00" in str(fault)


def test_a_night_of_long_ago_is_caught_up_without_waiting(world: Path) -> None:
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    assert ready_through(world, day(5), EIGHT, clock, clock.sleep, print) == day(3)
    assert clock.slept == 0


@pytest.mark.parametrize("require", ["success", "control"])
def test_a_day_may_need_a_marker(world: Path, require: str) -> None:
    marker = MARKERS[require]  # type: ignore[index]
    assert marker is not None
    assert incomplete_days(world, day(3), require) == [day(2), day(3)]  # type: ignore[arg-type]
    (folder(world, 2) / marker).touch()
    assert incomplete_days(world, day(3), require) == [day(3)]  # type: ignore[arg-type]
    (folder(world, 3) / marker).touch()
    (folder(world, 3) / "a.csv").unlink()
    assert incomplete_days(world, day(3), require) == [day(3)]  # type: ignore[arg-type]


def test_before_the_first_delivery_the_night_waits_for_its_own_day(tmp_path: Path) -> None:
    assert incomplete_days(tmp_path, day(1), "files") == [day(1)]


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
        "import time; from datetime import timedelta; from flows import patience; patience.GRACE = timedelta(0)\n"
        "with patience.end_when_stuck(timedelta(seconds=0.2)): time.sleep(300)"
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
    monkeypatch.setattr("flows.prefect_server._await_health", lambda url, server, log: server.kill() if dies else None)
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

    monkeypatch.setattr("flows.stages.task", counted)
    monkeypatch.setattr("flows.stages.measured", lambda _: "")
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


def test_a_day_stands_when_it_is_settled_and_published(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    require_settled(world, warehouse(world), day(1))
    with pytest.raises(InputMissingError, match=f"{day(2)} is not settled") as missing:
        require_settled(world, warehouse(world), day(2))
    assert f"the last settled day is {day(1)}" in str(missing.value)
    assert "its files are there: run `settle nightly`" in str(missing.value)
    with pytest.raises(InputMissingError, match="have 2019-03-09 delivered"):
        require_settled(world, warehouse(world), day(9))
    assert command(world, "nightly", "--date", str(day(5))) == 11
    with pytest.raises(InputMissingError, match="the last run failed at"):
        require_settled(world, warehouse(world), day(2))
    capsys.readouterr()
    assert command(world, "status", "--check") == 11
    assert "is not settled" in capsys.readouterr().err


def test_a_settled_day_that_finance_cannot_see_does_not_stand(world: Path) -> None:
    warehouse(world).unlink()
    with pytest.raises(InputMissingError, match="settled but not published"):
        require_settled(world, warehouse(world), day(1))


def test_the_watchdog_is_content_when_yesterday_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny(tmp_path, DAYS, 1)
    assert command(tmp_path, "nightly", "--date", str(FIRST)) == 0
    monkeypatch.setattr("flows.command_line.proving.yesterday", lambda _: FIRST)
    capsys.readouterr()
    assert command(tmp_path, "status", "--check", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"day": str(FIRST), "settled": True, "published": True}


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
