"""What may happen to files (SPEC 14): torn, changed, gone, unreadable, left by the dead. Each is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from lake.runs.audit import audit
from lake.runs.log import RunLog
from lake.tables.files import run_of
from tests.small_lake import NIGHT, Case, command
from tests.tiny import day


def parquet(root: Path, table: str) -> list[Path]:
    return sorted((root / "lake" / table).rglob("*.parquet"))


def last_run(root: Path) -> int:
    run = RunLog(root / "lake").last()
    assert run is not None
    return run.run_no


def remove(path: Path) -> None:
    path.unlink()


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(("damage", "table"), [(remove, "ledger"), (cut_off, "positions"), (remove, "journal")])
def test_a_night_over_a_torn_file_names_it(
    night: Path, damage: Callable[[Path], None], table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = parquet(night, table)[0]
    damage(torn)
    for arguments in (NIGHT, ("publish",), ("verify", "--chain")):
        assert command(night, *arguments) == 13
        told = capsys.readouterr().err
        assert str(torn) in told
        assert "Traceback" not in told
    assert last_run(night) == 1


def test_a_command_that_stumbles_over_a_changed_file_names_it(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torn = parquet(night, "days")[0]
    content = torn.read_bytes()
    torn.write_bytes(content[:4] + bytes(len(content) - 4))
    for arguments in (NIGHT, ("status",)):
        assert command(night, *arguments) == 13
        assert str(torn) in capsys.readouterr().err


def test_the_chain_finds_every_changed_file(cases: dict[str, Case], tmp_path: Path) -> None:
    root = cases["backfill"].copy(tmp_path / "lake")
    named = [path for path in (root / "lake").rglob("*.parquet") if run_of(path.name)]
    sound = audit(root / "lake")
    assert (sound.runs, sound.faults) == (2, [])
    for path in named:
        flip(path)
    found = {fault.file for fault in audit(root / "lake").faults}
    assert len(found) == sound.files  # the others are of the first run, and were replaced by the second
    assert found < {str(path) for path in named}


def test_the_chain_tells_file_run_and_both_digests(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = parquet(night, "solvency")[0]
    was = json.loads(next((night / "lake" / "chain").iterdir()).read_text())["outputs"]["solvency"]["added"][path.name]
    flip(path)
    assert command(night, "verify", "--chain", "--json") == 13
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["file"], fault["expected"]) == (str(path), was)
    assert fault["run_id"] == run_of(path.name)
    assert len(fault["found"]) == 64
    assert fault["found"] != was


def test_the_chain_holds_the_records_the_run_log_and_the_lists_of_files(cases: dict[str, Case], tmp_path: Path) -> None:
    root = cases["backfill"].copy(tmp_path / "lake")
    first, second = sorted((root / "lake" / "chain").iterdir())
    for path, change in ((first, "rows_in"), (second, "rulebook_fingerprint")):
        content = path.read_text()
        path.write_text(content.replace(change, "rows_out"))
        assert [fault.file for fault in audit(root / "lake").faults] == [str(path)]
        path.write_text(content)
    log = root / "lake" / "ledger" / "_delta_log" / f"{1:020d}.json"
    lines = log.read_text().splitlines(keepends=True)
    added = next(line for line in lines if line.startswith('{"add"'))
    log.write_text("".join(line for line in lines if line != added))
    (fault,) = audit(root / "lake").faults
    assert fault.file.endswith(json.loads(added)["add"]["path"].split("/")[-1])
    assert "names this file no more" in fault.what


def test_a_reference_file_that_cannot_be_read_is_12(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members = night / "landing" / "reference" / "members.csv"
    members.unlink()
    members.mkdir()
    assert command(night, *NIGHT) == 12
    assert str(members) in capsys.readouterr().err
    feed = night / "landing" / "transactions" / f"day={day(31)}" / "b.csv"
    members.rmdir()
    shutil.copy(night / "landing" / "reference" / "merchants.csv", members)
    feed.symlink_to(night / "gone.csv")
    assert command(night, *NIGHT) == 12
    assert str(feed) in capsys.readouterr().err


def test_tidy_removes_only_what_dead_runs_left(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dead = "000002-20300101T000000000000"
    lake = night / "lake"
    left = {
        lake / "ledger" / "bucket=7" / f"2030-01-01_2030-01-02_{dead}-00001-0.parquet": 5,
        lake / "journal" / f"{dead}.parquet": 7,
        lake / "chain" / f"{dead}.json": 11,
        lake / ".waiting" / dead / "00001.parquet": 17,
        night / f"w.duckdb.{dead}": 13,
    }
    keep = [
        lake / "ledger" / "notes.parquet",
        lake / "ledger" / "_delta_log" / f"{dead}.parquet",
        night / "w.duckdb.old",
    ]
    for path in [*left, *keep]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * left.get(path, 1))
    before = {path for path in night.rglob("*") if path.is_file()}
    with FileLock(night / ".settle.lock"):
        assert command(night, "tidy") == 14
    assert command(night, "tidy", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["bytes"]) == (5, 53)
    assert {Path(each["path"]) for each in told["removed"]} == set(left)
    assert {path for path in night.rglob("*") if path.is_file()} == before - set(left)
    assert not (lake / "ledger" / "bucket=7").exists()
    assert not (lake / ".waiting").exists()


def test_tidy_takes_no_run_for_dead_that_the_log_has_lost(
    cases: dict[str, Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, case in enumerate(cases.values()):  # after one run and after two
        root = case.copy(tmp_path / str(number))
        shutil.rmtree(root / "lake" / "runs")
        before = sorted(root.rglob("*"))
        assert command(root, "tidy") == 13
        assert "nothing was removed" in capsys.readouterr().err
        assert [path for path in sorted(root.rglob("*")) if path.name != ".settle.lock"] == [
            path for path in before if path.name != ".settle.lock"
        ]
