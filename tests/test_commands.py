"""The command line as a user meets it: exit codes, messages, JSON, options before and after the command."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from flows.commands.main import run
from tests.worlds import World, make_world

QUIET = make_world(1, days=6, mess=0, changes=0)
"""A world that settles without quarantine or new rules."""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    QUIET.write(tmp_path)
    return tmp_path


def settle(root: Path, *arguments: str) -> int:
    places = ("--root", str(root), "--warehouse", str(root / "w.duckdb"), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments])


def backfill(root: Path, first: date = QUIET.first, last: date = QUIET.last, *more: str) -> int:
    return settle(root, "backfill", "--from", str(first), "--to", str(last), "--direct", *more)


def first_file(root: Path, feed: str = "transactions") -> Path:
    return min((root / "landing" / feed).glob("day=*/*.*"))


def test_a_backfill_tells_what_it_did_and_a_second_one_that_nothing_is_to_do(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backfill(world, QUIET.first, QUIET.last, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settled"] == {"first": str(QUIET.first), "last": str(QUIET.last)}
    assert told["rows"]["in"] == told["rows"]["booked"] + told["rows"]["quarantined"]
    assert backfill(world) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_nights_follow_each_other_and_global_options_may_stand_anywhere(
    world: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_ROOT", str(world))
    monkeypatch.setenv("SETTLE_RULEBOOK", str(world / "rulebook.toml"))
    night = ["nightly", "--date", str(QUIET.first), "--direct", "--warehouse", str(world / "w.duckdb")]
    assert run([*night, "--json"]) == 0
    assert (
        run(["--json", "nightly", "--date", str(QUIET.last), "--direct", "--warehouse", str(world / "w.duckdb")]) == 0
    )
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["settled"]["last"] == str(QUIET.last)
    assert run(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["settled"]["last"], status["pending"], status["failed"]) == (str(QUIET.last), [], None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nightly", "--date", "yesterday"], "--date"),
        (["backfill", "--from", "2025-01-01"], "--to"),
        (["backfill", "--from", "2025-01-02", "--to", "2025-01-01", "--direct"], "earlier day first"),
        (["--buckets", "0", "status"], "--buckets"),
        (["settel"], "settel"),
        (["simulate", "--out", "x", "--members", "0"], "members"),
    ],
)
def test_wrong_usage_is_2(world: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert settle(world, *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_wrong_rulebook_is_10(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = world / "rulebook.toml"
    book.write_text(book.read_text(encoding="utf-8").replace("late_days", "late_daze", 1), encoding="utf-8")
    assert settle(world, "rulebook", "check", str(book)) == 10
    assert backfill(world) == 10
    told = capsys.readouterr().err
    assert "late_daze" in told
    assert "Traceback" not in told
    assert not (world / "lake").exists()


def test_a_rulebook_that_has_lost_a_settled_pool_is_10(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backfill(world, QUIET.first, QUIET.first) == 0
    book = world / "rulebook.toml"
    book.write_text(book.read_text(encoding="utf-8").replace('name = "consumer"', 'name = "renamed"'), encoding="utf-8")
    assert settle(world, "nightly", "--date", str(QUIET.last), "--direct") == 10
    assert 'no pool "consumer"' in capsys.readouterr().err


def test_a_missing_day_is_11_and_names_the_folder(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backfill(world, QUIET.first, date(2031, 1, 1)) == 11
    told = capsys.readouterr().err
    assert "day=" in told
    assert "to do:" in told
    places = ("--root", str(world / "nowhere"), "--rulebook", str(world / "rulebook.toml"))
    assert run([*places, "nightly", "--direct"]) == 11
    assert settle(world, "publish") == 11


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "not CSV in UTF-8"),
        (b"txn_id,kind\n1,2\n", "occurred_at"),
        (b"PAR1\xff\xff\xff", "Parquet"),
        (b'txn_id,kind\n"1', ""),
    ],
)
def test_a_broken_file_is_12_and_nothing_is_written(
    world: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    path = first_file(world).with_name("zz.csv")
    path.write_bytes(content)
    assert backfill(world) == 12
    told = capsys.readouterr().err
    assert "zz.csv" in told
    assert words in told
    assert not (world / "lake").exists() or not list((world / "lake").rglob("*.parquet"))
    assert settle(world, "status") == 0
    assert "exit code 12" in capsys.readouterr().out


def test_the_operator_may_accept_a_quarantine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    World.write(QUIET, tmp_path)
    book = tmp_path / "rulebook.toml"
    text = book.read_text(encoding="utf-8")
    lines = ['quarantine_limit = "0"' if line.startswith("quarantine_limit") else line for line in text.splitlines()]
    lines = ["quarantine_min_rows = 0" if line.startswith("quarantine_min_rows") else line for line in lines]
    book.write_text("\n".join(lines), encoding="utf-8")
    path = first_file(tmp_path)
    day = path.parent.name.removeprefix("day=")
    header = "txn_id,kind,occurred_at,member_id,merchant_id,amount,voucher_amount,concession_rate,original_txn_id,"
    path.with_name("zz.csv").write_text(header + "original_date,channel\nbad,purchase,,,,,,,,,\n", encoding="utf-8")
    assert backfill(tmp_path) == 12
    assert f"--accept-quarantine {day}" in capsys.readouterr().err
    assert (tmp_path / "reports" / f"quarantine-{day}.csv").exists()
    assert not list((tmp_path / "lake").rglob("*.parquet"))
    assert backfill(tmp_path, QUIET.first, QUIET.last, "--accept-quarantine", day) == 0
    # stored with the day: it holds for later runs over the same input
    reference = tmp_path / "landing" / "reference"
    for path in reference.glob("merchants.*"):
        path.with_suffix(path.suffix).touch()
    bindings = reference / "agents.csv"
    bindings.write_text("agent_id,region_prefix,valid_from,valid_to\n", encoding="utf-8")
    (reference / "agents.parquet").unlink(missing_ok=True)
    (reference / "partners.parquet").unlink(missing_ok=True)
    (reference / "partners.csv").write_text("agent_id,partner_id,share,valid_from,valid_to\n", encoding="utf-8")
    assert backfill(tmp_path) == 0


def test_a_defect_of_the_program_is_1_and_shows_its_traceback_only_when_asked(
    world: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("stumbled")

    monkeypatch.setattr("flows.commands.status.show_status", stumble)
    assert settle(world, "status") == 1
    assert "stumbled" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        settle(world, "status", "--debug")


def test_two_runs_at_once_are_14(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FileLock(world / ".settle.lock"):
        assert backfill(world) == 14
    assert "another run" in capsys.readouterr().err


def test_a_reader_keeps_the_warehouse_that_it_opened(world: Path) -> None:
    assert settle(world, "nightly", "--date", str(QUIET.first), "--direct") == 0
    with duckdb.connect(str(world / "w.duckdb"), read_only=True) as reader:
        before = reader.sql("select count(*) from runs").fetchall()
        assert settle(world, "nightly", "--date", str(QUIET.last), "--direct") == 0
        assert reader.sql("select count(*) from runs").fetchall() == before
    with duckdb.connect(str(world / "w.duckdb"), read_only=True) as reader:
        assert reader.sql("select count(*) from runs").fetchall() == [(2,)]


def test_every_table_and_column_of_the_warehouse_is_explained(world: Path) -> None:
    assert backfill(world) == 0
    with duckdb.connect(str(world / "w.duckdb"), read_only=True) as reader:
        bare = "comment is null or comment = ''"
        assert reader.sql(f"select table_name from duckdb_tables() where {bare}").fetchall() == []
        columns = "select table_name, column_name from duckdb_columns() where not internal and "
        assert reader.sql(f"{columns} ({bare})").fetchall() == []
        floats = f"{columns} data_type in ('DOUBLE', 'FLOAT')"
        assert reader.sql(floats).fetchall() == []


def test_an_old_warehouse_is_made_good_by_the_next_run(world: Path) -> None:
    assert backfill(world) == 0
    (world / "w.duckdb").unlink()
    assert backfill(world) == 0
    assert (world / "w.duckdb").exists()


def test_a_world_is_simulated_and_settles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = ("--members", "60", "--merchants", "5", "--days", "4", "--txns-per-day", "30", "--seed", "3")
    assert run(["simulate", "--out", str(tmp_path), *size]) == 0
    assert "settle it" in capsys.readouterr().out
    assert settle(tmp_path, "backfill", "--from", "2025-01-01", "--to", "2025-01-04", "--direct") == 0


def test_the_demo_leaves_other_data_alone(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(world, "demo") == 2
    assert "will not touch" in capsys.readouterr().err
