"""An upgrade keeps the books (SPEC 12, 14): a lake of an older format, in place, or as it was if it is killed."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.commands.main import run
from flows.commands.upgrade import upgrade
from flows.settings import Settings
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.runs.run import FORMAT, OLDEST
from lake.tables.store import Store
from schemas.tables import CONTROLS, DAYS, RULEBOOKS, TABLES
from tests.damage import same_state, state
from tests.small_lake import hooked
from tests.tiny import day

KEPT = Path(__file__).parent / "lakes"
NEW = {"rulebooks", "overdrawn", "restatements", "restated_days", "restated_sales"}
"""Tables that an upgrade fills."""


class Killed(BaseException):
    """Nobody catches it."""


def unpacked(folder: Path, number: int) -> Path:
    """A root whose lake has this format."""
    with tarfile.open(KEPT / f"format_{number}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return folder


def settle(root: Path, *arguments: str) -> int:
    direct = ["--direct"] if arguments[0] in ("nightly", "backfill") else []
    return run(["--root", str(root), "--warehouse", str(root / "w.duckdb"), *arguments, *direct])


def rows(root: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """Every table that the last run names, in the columns of its files."""
    last = RunLog(root / "lake", OLDEST).last()
    assert last is not None
    found = {}
    for name in last.versions:
        paths = [f"{root}/lake/{name}/{f.path}" for f in Store(root / "lake").files(TABLES[name], last.versions[name])]
        if paths and name not in without:
            table = pl.concat([pl.read_parquet(path, hive_partitioning=False) for path in paths])
            found[name] = sorted(table.select(sorted(table.columns)).rows(), key=str)
    return found


def old_columns(root: Path, name: str) -> list[str]:
    last = RunLog(root / "lake", OLDEST).last()
    assert last is not None
    (first, *_) = Store(root / "lake").files(TABLES[name], last.versions[name])
    return list(pl.read_parquet_schema(f"{root}/lake/{name}/{first.path}"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A root of the oldest format that can be upgraded."""
    return unpacked(tmp_path, OLDEST)


@pytest.mark.parametrize("asked", [("status",), ("nightly", "--date", str(day(35))), ("verify",), ("publish",)])
def test_an_older_lake_is_told_and_left_alone(
    old: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    with same_state(old):
        assert settle(old, *asked) == 10
    told = capsys.readouterr().err
    assert f"the lake has format {OLDEST}" in told
    assert "settle upgrade" in told


def test_the_chain_of_an_older_lake_can_be_verified(old: Path) -> None:
    assert settle(old, "verify", "--chain") == 0


def test_an_upgrade_changes_nothing_that_was_settled(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, runs = rows(old, without=frozenset(NEW)), RunLog(old / "lake", OLDEST).frame()
    columns = old_columns(old, "quarantine")
    assert settle(old, "--json", "upgrade") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format_before"], told["format"], told["upgraded"]) == (OLDEST, FORMAT, True)
    after = rows(old, without=frozenset(NEW | {"quarantine"}))
    assert after == {name: of_table for name, of_table in before.items() if name != "quarantine"}
    last = RunLog(old / "lake").last()
    assert last is not None
    quarantine = Draft(Store(old / "lake"), last.versions, "reader").scan(TABLES["quarantine"]).collect()
    assert sorted(quarantine.select(sorted(columns)).rows(), key=str) == before["quarantine"]
    now = RunLog(old / "lake").frame()
    assert now.head(-1).equals(runs), "the older rows of the log stand as they were"
    closed = runs["closed_through"].to_list()[-1]
    assert now.row(-1, named=True)["closed_through"] == closed == day(12)
    days = Draft(Store(old / "lake"), last.versions, "reader").small(DAYS)
    assert days.filter("accepted")["business_date"].to_list() == [day(9)]
    assert days.filter("restated").height > 0
    for asked in (("verify",), ("verify", "--chain"), ("status",), ("explain", "member", "2"), ("upgrade",)):
        assert settle(old, *asked) == 0, asked


def test_after_an_upgrade_nights_closings_and_backfills_go_on(old: Path) -> None:
    assert settle(old, "upgrade") == 0
    assert settle(old, "nightly", "--date", str(day(35))) == 0
    assert settle(old, "close", "--through", str(day(20))) == 0
    (old / "landing" / "transactions" / f"day={day(34)}" / "a.csv").unlink()
    shutil.copy(
        old / "landing" / "transactions" / f"day={day(35)}" / "a.csv",
        old / "landing" / "transactions" / f"day={day(34)}" / "b.csv",
    )
    assert settle(old, "backfill", "--from", str(day(34)), "--to", str(day(34))) == 0
    assert settle(old, "verify") == 0
    assert settle(old, "verify", "--chain") == 0


def test_rulebooks_that_are_at_hand_are_kept_and_others_are_said_to_be_unknown(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (old / "rulebook.toml").read_text(encoding="utf-8")
    assert settle(old, "upgrade") == 0
    last = RunLog(old / "lake").last()
    assert last is not None
    kept = Draft(Store(old / "lake"), last.versions, "reader").small(RULEBOOKS)["text"].to_list()
    assert kept == [None, text], "the first edition is nowhere any more"
    first = text[: text.rindex("\n[[rules]]")]
    (old / "rulebook.toml").write_text(first.replace('"0.05"\nrebind', '"0.06"\nrebind'), encoding="utf-8")
    capsys.readouterr()
    assert settle(old, "nightly", "--date", str(day(35))) == 10
    assert "its text was not kept" in capsys.readouterr().err
    (old / "rulebook.toml").write_text(text, encoding="utf-8")
    assert settle(old, "nightly", "--date", str(day(35))) == 0, "the first edition with a version added for later"


def test_killed_at_any_step_it_is_before_or_after(tmp_path: Path) -> None:
    old = unpacked(tmp_path / "old", OLDEST)
    seen: list[str] = []
    shutil.copytree(old, tmp_path / "whole")
    with hooked(seen.append):
        assert settle(tmp_path / "whole", "upgrade") == 0
    log, chain = state(old / "lake" / "runs"), state(old / "lake" / "chain")
    after = rows(tmp_path / "whole", without=frozenset({CONTROLS.name}))
    for number in range(len(seen)):
        root = tmp_path / f"killed-{number}"
        shutil.copytree(old, root)
        steps = iter(range(len(seen)))

        def hook(_: str, steps: Any = steps, number: int = number) -> None:
            if next(steps) == number:
                raise Killed

        with hooked(hook), pytest.raises(Killed):
            settle_or_raise(root)
        finished = RunLog(root / "lake", OLDEST).frame().height == RunLog(tmp_path / "whole" / "lake").frame().height
        if not finished:
            assert state(root / "lake" / "runs") == log
            assert state(root / "lake" / "chain") == chain
            assert settle(root, "verify", "--chain") == 0
        assert settle(root, "upgrade") == 0
        assert without_run_ids(rows(root, without=frozenset({CONTROLS.name}))) == without_run_ids(after)
        shutil.rmtree(root)


def settle_or_raise(root: Path) -> None:
    upgrade(given=Settings(root, root / "w.duckdb"))


def without_run_ids(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: of_table for name, of_table in found.items() if name != RULEBOOKS.name}


def test_a_lake_older_than_can_be_read_or_newer_is_refused(
    old: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.runs.run.FORMAT", OLDEST - 1)
    assert settle(old, "upgrade") == 10
    assert "install the version" in capsys.readouterr().err


def test_an_upgrade_of_nothing_is_11(tmp_path: Path) -> None:
    assert settle(tmp_path, "upgrade") == 11


def test_the_warehouse_shows_the_upgraded_lake(old: Path) -> None:
    assert settle(old, "upgrade") == 0
    with duckdb.connect(str(old / "w.duckdb"), read_only=True) as reader:
        assert reader.sql("select kind from runs order by run_id desc limit 1").fetchall() == [("upgrade",)]
        assert reader.sql("select count(*) from quarantine").fetchall() == [(4,)]
