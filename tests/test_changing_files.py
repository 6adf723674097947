"""A delivery that goes on during a night (SPEC 2): the night is refused and changes nothing, or had read all of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.damage import same_state
from tests.small_lake import LAST, NIGHT, Case, command, hooked, lake_state
from tests.tiny import day, purchase


def feed(root: Path) -> Path:
    return root / "landing" / "transactions" / f"day={day(LAST)}"


def append(root: Path) -> None:
    with (feed(root) / "a.csv").open("a", encoding="utf-8") as file:
        file.write(purchase("more", LAST, "5.00") + "\n")


def replace(root: Path) -> None:
    new = feed(root) / "_new"
    new.write_bytes((feed(root) / "a.csv").read_bytes().replace(b"70.00", b"71.00"))
    new.replace(feed(root) / "a.csv")


def add(root: Path) -> None:
    (feed(root) / "late.csv").write_bytes((feed(root) / "a.csv").read_bytes())


def add_a_payout(root: Path) -> None:
    folder = root / "landing" / "payouts" / f"day={day(LAST)}"
    folder.mkdir(parents=True)
    (folder / "p.csv").write_text("payout_id,occurred_at,holder_kind,holder_id,asset,amount\n", encoding="utf-8")


def remove(root: Path) -> None:
    (feed(root) / "a.csv").unlink()


def add_a_control(root: Path) -> None:
    (feed(root) / "control.json").write_text('{"rows": 7, "amount": "1.00"}', encoding="utf-8")


def change_members(root: Path) -> None:
    path = root / "landing" / "reference" / "members.csv"
    path.write_text(path.read_text(encoding="utf-8") + "9,2018-01-01T00:00:00+08:00,\n", encoding="utf-8")


CHANGES = (append, replace, add, add_a_payout, remove, add_a_control, change_members)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", [0.0, 0.25, 0.5])
def test_a_night_during_a_delivery(
    change: Callable[[Path], None], part: float, cases: dict[str, Case], night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = next(at for at, name in enumerate(cases["night"].steps) if name.startswith("commit "))
    at, seen = int(part * until), 0

    def deliver(_: str) -> None:
        nonlocal seen
        if seen == at:
            change(night)
        seen += 1

    before = lake_state(night)
    with hooked(deliver):
        assert command(night, *NIGHT) == 12
    told = capsys.readouterr().err
    assert "while the run reads it" in told
    assert str(night / "landing") in told
    assert lake_state(night) == before


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_booked_is_what_was_fingerprinted(change: Callable[[Path], None], night: Path) -> None:
    """The next try reads what is there by then, and is refused with nothing changed or settles it."""
    change(night)
    if change is add_a_control:
        with same_state(night):
            assert command(night, *NIGHT) == 12
    elif change is remove:
        assert command(night, *NIGHT) == 11
    else:
        assert command(night, *NIGHT) == 0
        assert command(night, "verify") == 0
