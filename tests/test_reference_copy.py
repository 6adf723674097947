"""The typed copy of reference data beside the lake is believed only if it is what the last run's record says."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lake.landing import reference_cache
from lake.landing.reference_cache import FOLDER, kept_reference
from lake.runs.log import RunLog
from lake.runs.record import noted_copy
from tests.compare import read_tables
from tests.small_lake import DAYS, LAST, NIGHT, REFERENCE, State, command
from tests.tiny import day, write_tiny


@pytest.fixture(autouse=True)
def _kept_however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_cache, "KEPT_FROM_ROWS", 0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write_tiny(root, DAYS, LAST, rules={"quarantine_min_rows = 100": "quarantine_min_rows = 1000"}, **REFERENCE)
    assert command(root, "nightly", "--date", str(day(20))) == 0
    return root


def copies(root: Path) -> list[Path]:
    return sorted((root / "lake" / FOLDER).glob("*/members.parquet"))


def noted(root: Path) -> object:
    last = RunLog(root / "lake").last()
    assert last is not None
    return noted_copy(root / "lake", last.run_id)


def books(root: Path) -> State:
    return {name: rows for name, rows in read_tables(root / "w.duckdb").items() if name not in ("runs", "controls")}


def other_referrer(root: Path) -> None:
    """One member gets all referral rewards."""
    (path,) = copies(root)
    rows = pl.read_parquet(path)
    wrong = pl.when(pl.col("member_id") != 1).then(1).alias("referrer_id")
    rows.with_columns(wrong).write_parquet(path)


def remove_a_table(root: Path) -> None:
    (path,) = copies(root)
    next(other for other in path.parent.iterdir() if other != path).unlink()


def add_a_table(root: Path) -> None:
    (path,) = copies(root)
    path.with_name("others.parquet").write_bytes(path.read_bytes())


def cut_off(root: Path) -> None:
    (path,) = copies(root)
    path.write_bytes(path.read_bytes()[:100])


def remove_all(root: Path) -> None:
    for path in (root / "lake" / FOLDER).glob("*/*"):
        path.unlink()


def nothing(root: Path) -> None:
    pass


@pytest.mark.parametrize("edit", [nothing, other_referrer, remove_a_table, add_a_table, cut_off, remove_all])
def test_an_edited_copy_is_not_believed(edit: Callable[[Path], None], root: Path, tmp_path: Path) -> None:
    edit(root)
    assert command(root, *NIGHT) == 0
    other = tmp_path / "other"
    write_tiny(other, DAYS, LAST, rules={"quarantine_min_rows = 100": "quarantine_min_rows = 1000"}, **REFERENCE)
    assert command(other, *NIGHT) == 0
    assert books(root) == books(other)
    assert command(root, "verify") == 0


def test_a_copy_that_is_what_it_was_is_used_and_outlives_a_closing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = noted(root)
    assert copy is not None
    assert command(root, "close", "--through", str(day(3))) == 0
    assert noted(root) == copy
    monkeypatch.setattr("flows.settlement.inputs.read_sheets", lambda _: pytest.fail("the files were read again"))
    assert command(root, *NIGHT) == 0
    assert noted(root) == copy


def test_other_reference_data_gets_another_copy(root: Path) -> None:
    copy = noted(root)
    path = root / "landing" / "reference" / "members.csv"
    path.write_text(path.read_text(encoding="utf-8") + "9,2018-01-01T00:00:00+08:00,\n", encoding="utf-8")
    assert command(root, *NIGHT) == 0
    assert noted(root) != copy
    (path,) = copies(root)
    assert 9 in pl.read_parquet(path)["member_id"]


def test_a_record_without_one_leads_to_none(root: Path) -> None:
    assert noted_copy(root / "lake", "none") is None
    copy = noted_copy(root / "lake", "000001-x")
    assert copy is None
    assert kept_reference(root / "lake", "none", "0" * 64) is None
