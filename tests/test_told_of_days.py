"""Settled days that have changed, and holes, are told (SPEC 12, 14): which day, which file, what to do."""

import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.commands.main import run
from flows.commands.status import show_status
from flows.settings import Settings
from lake.landing.changed_days import ChangedDay, changed_days
from lake.runs.log import RunLog
from tests.damage import same_state
from tests.small_lake import command
from tests.tiny import day, purchase, write_tiny

CASE = Path(__file__).resolve().parents[2] / "shared" / "data" / "cases" / "4"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Five days, of which three are settled."""
    write_tiny(tmp_path, {n: [purchase(f"a{n}", n, "150.00")] for n in range(1, 6)}, 5)
    assert command(tmp_path, "nightly", "--date", str(day(3))) == 0
    return tmp_path


def folder(root: Path, number: int, feed: str = "transactions") -> Path:
    return root / "landing" / feed / f"day={day(number)}"


def status(root: Path, capsys: pytest.CaptureFixture[str], yesterday: date | None = None) -> dict[str, object]:
    capsys.readouterr()
    show_status(Settings(root, root / "w.duckdb", as_json=True), yesterday or day(5))
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def add(root: Path) -> str:
    shutil.copy(folder(root, 1) / "a.csv", folder(root, 2) / "late.csv")
    return "transactions/late.csv (added)"


def change(root: Path) -> str:
    path = folder(root, 2) / "a.csv"
    path.write_bytes(path.read_bytes().replace(b"150.00", b"151.00"))
    return "transactions/a.csv (changed)"


def remove(root: Path) -> str:
    (folder(root, 2) / "a.csv").unlink()
    return "transactions/a.csv (removed)"


def add_a_stray(root: Path) -> str:
    shutil.copy(folder(root, 1) / "a.csv", folder(root, 2) / "late.CSV")
    return "transactions/late.CSV (nothing reads it: the name of a day's file ends in .csv or .parquet"


def become_a_pipe(root: Path) -> str:
    (folder(root, 2) / "a.csv").unlink()
    os.mkfifo(folder(root, 2) / "a.csv")
    return "transactions/a.csv (nothing reads it: it is no regular file)"


def add_payouts(root: Path) -> str:
    folder(root, 2, "payouts").mkdir(parents=True)
    (folder(root, 2, "payouts") / "p.csv").write_text("payout_id,occurred_at,holder_kind,holder_id,asset,amount\n")
    return "payouts/p.csv (added)"


def add_control(root: Path) -> str:
    (folder(root, 2) / "control.json").write_text('{"rows": 1, "amount": "150.00"}')
    return "transactions/control.json (added)"


@pytest.mark.parametrize("way", [add, change, remove, add_payouts, add_control, add_a_stray, become_a_pipe])
@pytest.mark.parametrize("hint", ["there", "lost", "garbled", "empty", "wrong"])
def test_a_settled_day_that_has_changed_is_told(
    way: object, hint: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = way(root)  # type: ignore[operator]
    if hint == "lost":
        (root / "lake" / "landing.json").unlink()
    elif hint == "garbled":
        (root / "lake" / "landing.json").write_text('{"2019-03-02": 7, "x": {}', encoding="utf-8")
    elif hint == "empty":
        (root / "lake" / "landing.json").write_text(f'{{"{day(1)}": {{}}, "{day(2)}": {{}}}}', encoding="utf-8")
    elif hint == "wrong":
        text = (root / "lake" / "landing.json").read_text(encoding="utf-8")
        (root / "lake" / "landing.json").write_text(text.replace("a", "b"), encoding="utf-8")
    capsys.readouterr()
    for asked in (("nightly", "--date", str(day(3))), ("status",), ("nightly", "--date", str(day(4)))):
        assert command(root, *asked) == 0
        told = capsys.readouterr().out
        assert "from the same inputs" not in told
        assert str(day(2)) in told
        assert named in told or hint != "there"
        assert f"settle backfill --from {day(2)} --to {day(2)}" in told
    found = status(root, capsys)["changed_days"]
    assert [each["day"] for each in found] == [str(day(2))]  # type: ignore[attr-defined]
    assert command(root, "report") == 0
    assert f"settled from other files than are there now: {day(2)}" in next(
        (root / "reports").glob("*.html")
    ).read_text(encoding="utf-8")


def test_a_backfill_makes_it_good(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(root)
    assert command(root, "backfill", "--from", str(day(2)), "--to", str(day(2))) in (0, 12)
    change(root)
    (folder(root, 2) / "late.csv").unlink(missing_ok=True)
    assert command(root, "backfill", "--from", str(day(2)), "--to", str(day(2))) == 0
    assert status(root, capsys)["changed_days"] == []
    assert command(root, "nightly", "--date", str(day(3))) == 0
    assert "settle backfill" not in capsys.readouterr().out


@pytest.mark.parametrize("what", ["file", "folder", "feed", "reference", "inside"])
def test_what_is_read_from_outside_of_the_landing_zone_is_told(
    what: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = {
        "file": folder(root, 2) / "a.csv",
        "folder": folder(root, 2),
        "feed": root / "landing" / "transactions",
        "reference": root / "landing" / "reference" / "members.csv",
        "inside": folder(root, 2) / "a.csv",
    }[what]
    beside = root / "landing" / "_kept" if what == "inside" else tmp_path / "elsewhere"
    beside.mkdir()
    shutil.move(place, beside / "it")
    place.symlink_to(beside / "it")
    assert command(root, "status") == 0
    told = capsys.readouterr().out
    assert ("read through a link from outside of the landing zone" in told) is (what != "inside")
    assert (str(beside / "it") in told) is (what != "inside")
    assert bool(status(root, capsys)["files_outside"]) is (what != "inside")
    assert command(root, "nightly", "--date", str(day(3))) == 0


def test_a_file_that_was_only_touched_or_copied_has_not_changed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder(root, 2) / "a.csv"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (1, 1))
    assert status(root, capsys)["changed_days"] == []


def test_a_hint_of_other_files_than_the_books_were_made_from_counts_for_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a run leaves it that was killed before it could note its files."""
    assert changed_days(root, {day(1): "0" * 64}).days == [ChangedDay(day(1), ())]
    old = (root / "lake" / "landing.json").read_bytes()
    before = (folder(root, 2) / "a.csv").read_bytes()
    change(root)
    assert command(root, "backfill", "--from", str(day(2)), "--to", str(day(2))) == 0
    (root / "lake" / "landing.json").write_bytes(old)
    assert status(root, capsys)["changed_days"] == []
    (folder(root, 2) / "a.csv").write_bytes(before)
    found = status(root, capsys)["changed_days"]
    assert [each["day"] for each in found] == [str(day(2))]  # type: ignore[attr-defined]


def test_days_apart_are_ranges_of_their_own(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 3):
        path = folder(root, number) / "a.csv"
        path.write_bytes(path.read_bytes().replace(b"150.00", b"151.00"))
    assert command(root, "status") == 0
    told = capsys.readouterr().out
    assert f"settle backfill --from {day(1)} --to {day(1)}, settle backfill --from {day(3)} --to {day(3)}" in told


def test_what_was_not_looked_at_is_said(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "lake" / "landing.json").unlink()
    monkeypatch.setattr("lake.landing.changed_days.BYTES_AT_MOST", folder(root, 3).joinpath("a.csv").stat().st_size)
    found = status(root, capsys)
    assert (found["changed_days"], found["days_not_looked_at"]) == ([], 2)
    assert command(root, "status") == 0
    assert "2 older settled days were not looked at" in capsys.readouterr().out


def test_a_night_settles_up_to_a_hole_and_says_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder(root, 5))
    write_day(root, 6)
    capsys.readouterr()
    assert command(root, "--json", "nightly", "--date", str(day(6))) == 11
    said = capsys.readouterr()
    assert json.loads(said.out)["settled"] == {"first": str(day(4)), "last": str(day(4))}
    assert f"no transactions were delivered for {day(5)}" in said.err
    assert str(folder(root, 5)) in said.err
    failed = status(root, capsys)["failed"]
    assert failed["exit_code"] == 11  # type: ignore[index]
    with same_state(root):
        assert command(root, "nightly", "--date", str(day(6))) == 11
        assert command(root, "backfill", "--from", str(day(5)), "--to", str(day(6))) == 11
    write_day(root, 5)
    assert command(root, "nightly", "--date", str(day(6))) == 0


@pytest.mark.parametrize("content", [{}, {"_SUCCESS": ""}, {"_SUCCESS": "", ".half": "x"}])
def test_a_folder_without_a_file_of_rows_is_a_hole(root: Path, content: dict[str, str]) -> None:
    (folder(root, 5) / "a.csv").unlink()
    for name, text in content.items():
        (folder(root, 5) / name).write_text(text, encoding="utf-8")
    assert command(root, "nightly", "--date", str(day(5))) == 11
    last = RunLog(root / "lake").last()
    assert last is not None
    assert last.last_settled == day(4)


def write_day(root: Path, number: int) -> None:
    folder(root, number).mkdir()
    text = (folder(root, 1) / "a.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder(root, number) / "a.csv").write_text(f"{text}\n{purchase(f'a{number}', number, '9.00')}\n", encoding="utf-8")


def test_status_tells_holes_and_how_far_behind(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder(root, 4))
    yesterday = day(3) + timedelta(days=550)
    found = status(root, capsys, yesterday)
    assert (found["pending"], found["missing"], found["days_behind"]) == ([str(day(5))], [str(day(4))], 550)
    show_status(Settings(root, root / "w.duckdb"), yesterday)
    told = capsys.readouterr().out
    assert f"missing: {day(4)}" in told
    assert f"behind: 550 days, yesterday was {yesterday}" in told
    shutil.rmtree(folder(root, 5))
    show_status(Settings(root, root / "w.duckdb"), yesterday)
    assert "no day after it has been delivered" in capsys.readouterr().out
    show_status(Settings(root, root / "w.duckdb"), day(3))
    assert "behind" not in capsys.readouterr().out


def test_the_watchdog_names_the_missing_day(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.commands.status import check_standing  # noqa: PLC0415
    from schemas.errors import InputMissingError  # noqa: PLC0415

    shutil.rmtree(folder(root, 4))
    with pytest.raises(InputMissingError) as told:
        check_standing(Settings(root, root / "w.duckdb"), day(5))
    assert f"have {day(4)} delivered" in told.value.todo
    with pytest.raises(InputMissingError) as told:
        check_standing(Settings(root, root / "w.duckdb"), day(7))
    assert f"have {day(4)}, {day(7)} delivered" in told.value.todo


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_a_root_that_is_none_is_11(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    for asked in (["status"], ["status", "--check"]):
        assert run(["--root", str(tmp_path / place), *asked]) == 11
        assert str(tmp_path / place) in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_night_before_the_first_day_says_so(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = str(day(1) - timedelta(days=1))
    assert command(root, "nightly", "--date", before) == 0
    assert f"{before} is before the first settled day, {day(1)}" in capsys.readouterr().out
    shutil.rmtree(root / "lake")
    (root / "w.duckdb").unlink()
    assert command(root, "nightly", "--date", before) == 0
    assert f"{before} is before the first day with a folder, {day(1)}" in capsys.readouterr().out


@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_case_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "root"
    shutil.copytree(CASE / "landing", root / "landing")
    places = ["--root", str(root), "--warehouse", str(tmp_path / "w.duckdb")]
    night = [*places, "nightly", "--direct", "--date"]
    assert run([*night, "2025-01-31"]) == 0
    shutil.copy(CASE / "late.csv", root / "landing" / "transactions" / "day=2025-01-31" / "late.csv")
    for asked in ([*night, "2025-01-31"], [*places, "status"]):
        capsys.readouterr()
        assert run(asked) == 0
        told = capsys.readouterr().out
        assert "2025-01-31: transactions/late.csv (added)" in told
        assert "settle backfill --from 2025-01-31 --to 2025-01-31" in told
    assert run([*night, "2025-01-30"]) == 0
    assert "2025-01-30 is before the first settled day, 2025-01-31" in capsys.readouterr().out
