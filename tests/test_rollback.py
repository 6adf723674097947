"""Nothing is rolled back in silence (SPEC 14): every way to lose or change a run is named, and no run builds on it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from lake.runs.log import RunLog
from tests.damage import same_state, state
from tests.small_lake import command
from tests.tiny import day, purchase, write_tiny

NIGHT = ("nightly", "--date", str(day(4)))
BUILDS = (NIGHT, ("backfill", "--from", str(day(1)), "--to", str(day(1))), ("close", "--through", str(day(1))))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Roots after one, two and three nights, of which each goes on from the one before."""
    base = tmp_path_factory.mktemp("nights")
    root = base / "0"
    write_tiny(root, {n: [purchase(f"a{n}", n, "150.00")] for n in range(1, 5)}, 4)
    for number in (1, 2, 3):
        shutil.copytree(base / str(number - 1), base / str(number))
        assert command(base / str(number), "nightly", "--date", str(day(number))) == 0
    return base


@pytest.fixture
def root(nights: Path, tmp_path: Path) -> Path:
    shutil.copytree(nights / "3", tmp_path / "root")
    return tmp_path / "root"


def rewrite_log(root: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    write_deltalake(str(root / "lake" / "runs"), change(RunLog(root / "lake").frame()), mode="overwrite")


def drop_newest(root: Path) -> None:
    rewrite_log(root, lambda rows: rows.head(-1))


def drop_newest_by_time_travel(root: Path) -> None:
    DeltaTable(str(root / "lake" / "runs")).restore(1)


def drop_newest_entry(root: Path) -> None:
    sorted((root / "lake" / "runs" / "_delta_log").glob("*.json"))[-1].unlink()


def drop_two(root: Path) -> None:
    rewrite_log(root, lambda rows: rows.head(1))


def drop_all(root: Path) -> None:
    shutil.rmtree(root / "lake" / "runs")


def drop_all_with_the_head(root: Path) -> None:
    shutil.rmtree(root / "lake" / "runs")
    (root / "lake" / "head.json").unlink()


def drop_all_with_the_chain(root: Path) -> None:
    drop_all_with_the_head(root)
    shutil.rmtree(root / "lake" / "chain")


def edit_the_last_row(root: Path) -> None:
    last = RunLog(root / "lake").frame()["run_id"].to_list()[-1]
    rewrite_log(root, lambda rows: rows.with_columns(rows_in=pl.when(run_id=last).then(7).otherwise("rows_in")))


def edit_an_older_row(root: Path) -> None:
    first = RunLog(root / "lake").frame()["run_id"].to_list()[0]
    rewrite_log(root, lambda rows: rows.with_columns(rows_in=pl.when(run_id=first).then(7).otherwise("rows_in")))


def drop_an_older_row(root: Path) -> None:
    rewrite_log(root, lambda rows: pl.concat([rows.head(1), rows.tail(1)]))


def edit_the_last_record(root: Path) -> None:
    path = sorted((root / "lake" / "chain").glob("0*.json"))[-1]
    path.write_bytes(path.read_bytes().replace(b'"rows_in":1', b'"rows_in":2'))


def drop_the_last_record(root: Path) -> None:
    sorted((root / "lake" / "chain").glob("0*.json"))[-1].unlink()


def edit_the_head(root: Path) -> None:
    (root / "lake" / "head.json").write_text("{}", encoding="utf-8")


def older_log(root: Path) -> None:
    """The run log of a backup beside tables, records and head of today."""
    shutil.rmtree(root / "lake" / "runs")
    shutil.copytree(root.parent / "older" / "lake" / "runs", root / "lake" / "runs")


WAYS = (
    drop_newest,
    drop_newest_by_time_travel,
    drop_newest_entry,
    drop_two,
    drop_all,
    drop_all_with_the_head,
    drop_all_with_the_chain,
    edit_the_last_row,
    edit_an_older_row,
    drop_an_older_row,
    edit_the_last_record,
    drop_the_last_record,
    edit_the_head,
    older_log,
)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_named_and_nothing_builds_on_it(
    way: Callable[[Path], None], root: Path, nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root.parent / "older").symlink_to(nights / "2")
    way(root)
    with same_state(root):
        for asked in (*BUILDS, ("verify", "--chain"), ("heads", "--to", str(root.parent / "heads"))):
            assert command(root, *asked) == 13, asked
            told = capsys.readouterr().err
            assert "run" in told
            assert str(root) in told
    assert not (root.parent / "heads").exists()


def test_a_run_that_died_before_its_row_is_no_rollback(root: Path) -> None:
    """It leaves files, commits and a record, but no row and no head."""
    from tests.small_lake import hooked  # noqa: PLC0415

    def die(step: str) -> None:
        if step == "append run log row":
            raise SystemError

    record = sorted((root / "lake" / "chain").glob("0*.json"))[-1]
    dead = record.with_name(record.name.replace("000003-", "000004-"))
    with hooked(die):
        assert command(root, *NIGHT) == 1
    dead.write_bytes(record.read_bytes())
    assert command(root, *NIGHT) == 0
    assert command(root, "verify", "--chain") == 0


def test_a_head_that_was_not_noted_any_more_is_made_good_by_the_next_run(nights: Path, tmp_path: Path) -> None:
    shutil.copytree(nights / "3", tmp_path / "root")
    shutil.copy(nights / "2" / "lake" / "head.json", tmp_path / "root" / "lake" / "head.json")
    assert command(tmp_path / "root", *NIGHT) == 0
    noted = json.loads((tmp_path / "root" / "lake" / "head.json").read_text(encoding="utf-8"))
    last = RunLog(tmp_path / "root" / "lake").last()
    assert last is not None
    assert noted == {"run_id": last.run_id, "record_hash": last.record_hash}


def test_heads_are_appended_and_prove_the_history(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, noted = tmp_path / "root", tmp_path / "elsewhere.txt"
    shutil.copytree(nights / "2", root)
    assert command(root, "heads", "--to", str(noted)) == 0
    first = noted.read_text(encoding="utf-8")
    assert command(root, "heads", "--to", str(noted)) == 0
    assert noted.read_text(encoding="utf-8") == first
    assert command(root, "nightly", "--date", str(day(3))) == 0
    assert command(root, "heads", "--to", str(noted)) == 0
    assert noted.read_text(encoding="utf-8").startswith(first)
    assert len(noted.read_text(encoding="utf-8").splitlines()) == 3
    for line in noted.read_text(encoding="utf-8").splitlines():
        assert command(root, "verify", "--chain", "--head", line.split()[0]) == 0
    assert command(root, "verify", "--chain", "--heads", str(noted)) == 0
    shutil.rmtree(root / "lake")
    shutil.copytree(nights / "2" / "lake", root / "lake")
    (root / "w.duckdb").unlink()  # it would show more than the older lake has
    assert command(root, "verify", "--chain") == 0, "an older copy is whole in itself"
    capsys.readouterr()
    assert command(root, "verify", "--chain", "--heads", str(noted)) == 13
    assert "1 of 3 noted heads" in capsys.readouterr().err
    newest = noted.read_text(encoding="utf-8").splitlines()[-1].split()[0]
    assert command(root, "verify", "--chain", "--head", newest) == 13
    before = state(tmp_path)
    assert command(root, "heads", "--to", str(noted)) == 13
    assert state(tmp_path) == before


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("verify", "--head", "0" * 64), 2),
        (("verify", "--chain", "--head", "latest"), 2),
        (("verify", "--chain", "--head", "0" * 64), 13),
        (("verify", "--chain", "--heads", "nowhere.txt"), 11),
    ],
)
def test_bad_questions(root: Path, asked: tuple[str, ...], code: int) -> None:
    assert command(root, *asked) == code


def test_a_line_that_is_no_head_is_named(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted = tmp_path / "heads.txt"
    assert command(root, "heads", "--to", str(noted)) == 0
    noted.write_text(noted.read_text(encoding="utf-8") + "or so\n", encoding="utf-8")
    assert command(root, "verify", "--chain", "--heads", str(noted)) == 12
    assert "line 4" in capsys.readouterr().err
