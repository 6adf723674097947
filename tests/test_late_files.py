"""Which days a night waits for, until when, and what it settles without the rest."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from flows.nights.wait_for_files import MARKERS, Waiting, incomplete_days, not_delivered, ready_through
from flows.settings import yesterday
from tests.three_days import first_settled, night_of
from tests.tiny import day

EIGHT = Waiting("files", time(8))


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return first_settled(tmp_path)


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


def test_the_business_date_is_the_day_before_the_scheduled_time_in_shanghai() -> None:
    assert yesterday(datetime(2026, 11, 24, 18, 15, tzinfo=UTC)) == date(2026, 11, 24)
    assert yesterday(datetime(2026, 11, 24, 15, 59, tzinfo=UTC)) == date(2026, 11, 23)


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
