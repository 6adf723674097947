"""Days delivered before the first settled one: told, and settled by a backfill as if they had been there at once."""

import shutil
from pathlib import Path

import pytest

from flows.operations.told_of_days import changes_of
from tests.small_lake import DAYS, LAST, REFERENCE, State, command, shown
from tests.tiny import day, write_tiny

RULES = {"quarantine_min_rows = 100": "quarantine_min_rows = 1000"}
ALL = ("--from", str(day(1)), "--to", str(day(LAST)))


@pytest.fixture
def at_once(tmp_path: Path) -> Path:
    root = tmp_path / "at_once"
    write_tiny(root, DAYS, LAST, rules=RULES, **REFERENCE)
    assert command(root, "nightly", "--date", str(day(LAST))) == 0
    return root


def begun_late(tmp_path: Path, first: int) -> Path:
    """A root whose days before `first` came only once the others were settled."""
    root, kept = tmp_path / "late", tmp_path / "kept"
    write_tiny(root, DAYS, LAST, rules=RULES, **REFERENCE)
    kept.mkdir()
    for number in range(1, first):
        shutil.move(root / "landing" / "transactions" / f"day={day(number)}", kept)
    assert command(root, "nightly", "--date", str(day(LAST))) == 0
    for folder in kept.iterdir():
        shutil.move(folder, root / "landing" / "transactions")
    return root


def books(root: Path) -> State:
    """What finance sees, but for the runs that led to it."""
    return {name: rows for name, rows in shown(root).items() if name not in ("runs", "controls")}


@pytest.mark.parametrize("first", [2, 21, LAST])
def test_a_backfill_from_before_the_first_settled_day(first: int, at_once: Path, tmp_path: Path) -> None:
    root = begun_late(tmp_path, first)
    assert changes_of(root).early == [day(number) for number in range(1, first)]
    assert command(root, "backfill", *ALL) == 0
    assert changes_of(root).early == []
    assert books(root) == books(at_once)
    assert command(root, "verify") == 0


def test_the_first_day_alone_brings_what_follows(at_once: Path, tmp_path: Path) -> None:
    root = begun_late(tmp_path, 2)
    assert command(root, "backfill", "--from", str(day(1)), "--to", str(day(1))) == 0
    assert books(root) == books(at_once)


def test_of_closed_books_the_difference_is_posted(at_once: Path, tmp_path: Path) -> None:
    root = begun_late(tmp_path, 2)
    assert command(root, "close", "--through", str(day(20))) == 0
    assert command(root, "backfill", *ALL) == 12
    assert command(root, "backfill", *ALL, "--restate") == 0
    assert command(root, "verify") == 0
    assert shown(root)["balances"] == shown(at_once)["balances"]
    assert {row[0] for row in shown(root)["ledger"]} >= {day(2), day(LAST)}
    assert day(1) not in {row[0] for row in shown(root)["ledger"]}


def test_nights_and_status_tell_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = begun_late(tmp_path, 3)
    for asked in (("nightly", "--date", str(day(LAST))), ("status",)):
        capsys.readouterr()
        assert command(root, *asked) == 0
        told = capsys.readouterr().out
        assert f"read by no night: {day(1)}, {day(2)}" in told
        assert f"settle backfill --from {day(1)} --to {day(2)}" in told
        assert "from the same inputs" not in told
