"""Whether a day stands: settled, and published for finance to see."""

import json
from pathlib import Path

import pytest

from flows.operations.standing import require_settled
from schemas.errors import InputMissingError
from tests.small_lake import command, warehouse
from tests.three_days import DAYS, first_settled
from tests.tiny import FIRST, day, write_tiny


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return first_settled(tmp_path)


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
        require_settled(world, warehouse(world), day(5))
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
    monkeypatch.setattr("flows.commands.status.yesterday", lambda _: FIRST)
    capsys.readouterr()
    assert command(tmp_path, "status", "--check", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "day": str(FIRST),
        "settled": True,
        "published": True,
        "changed_days": [],
        "days_before_first": [],
        "days_not_looked_at": 0,
        "files_outside": [],
    }
