"""Upgrade, backup and restore: a lake of another format is refused, a restored one is whole and publishes the same."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from lake.runs.log import RunLog
from lake.runs.run import FORMAT, OLDEST, SCHEMA
from schemas.errors import ConfigurationError
from tests.small_lake import command, lake_state, shown, warehouse
from tests.tiny import day, purchase, write_tiny


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("settled")
    write_tiny(root, {n: [purchase(f"a{n}", n, "150.00")] for n in (1, 2, 3)}, 3)
    assert command(root, "nightly", "--date", str(day(2))) == 0
    return root


@pytest.mark.parametrize(
    ("wrote", "words"),
    [(FORMAT + 1, "install the version"), (FORMAT - 1, "settle upgrade"), (OLDEST - 1, "into a new root")],
)
def test_a_lake_of_another_format_is_refused_and_left_alone(
    settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrote: int, words: str
) -> None:
    root = tmp_path / "other"
    shutil.copytree(settled, root)
    last = RunLog(root / "lake").last()
    assert last is not None
    row = pl.DataFrame([replace(last, run_no=2, format=wrote).row], schema=SCHEMA)
    write_deltalake(str(root / "lake" / "runs"), row, mode="overwrite")
    before = sorted(path.relative_to(root) for path in (root / "lake").rglob("*"))
    for arguments in (("status",), ("nightly", "--date", str(day(3))), ("publish",), ("status", "--check")):
        assert command(root, *arguments) == 10
        told = capsys.readouterr().err
        assert f"the lake has format {wrote}" in told
        assert words in told
    assert sorted(path.relative_to(root) for path in (root / "lake").rglob("*")) == before


def test_a_run_log_with_other_columns_is_another_format_and_no_damage(settled: Path, tmp_path: Path) -> None:
    shutil.copytree(settled / "lake", tmp_path / "lake")
    rows = RunLog(tmp_path / "lake").frame().drop("record_hash").with_columns(format=pl.lit(FORMAT + 1, pl.Int32))
    write_deltalake(str(tmp_path / "lake" / "runs"), rows, mode="overwrite", schema_mode="overwrite")
    with pytest.raises(ConfigurationError, match=f"format {FORMAT + 1}"):
        RunLog(tmp_path / "lake").last()


def test_the_backup_drill(settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As docs/operations.md has it: copy, lose everything, put back, check every byte, publish, go on."""
    live, backup = tmp_path / "live", tmp_path / "backup"
    shutil.copytree(settled, live)
    books, seen = lake_state(live), shown(live)
    backup.mkdir()
    for name in ("landing", "lake", "rulebook.toml"):
        part = live / name
        (shutil.copytree if part.is_dir() else shutil.copy)(part, backup / name)  # type: ignore[operator]
    shutil.rmtree(live)
    shutil.copytree(backup, live)
    capsys.readouterr()
    assert command(live, "verify", "--chain", "--json") == 0
    assert json.loads(capsys.readouterr().out)["faults"] == []
    assert command(live, "publish") == 0
    assert (lake_state(live), shown(live)) == (books, seen)
    assert command(live, "nightly", "--date", str(day(3))) == 0
    assert command(live, "verify") == 0


def test_a_backup_with_a_torn_file_is_found_before_anything_is_settled(settled: Path, tmp_path: Path) -> None:
    root = tmp_path / "torn"
    shutil.copytree(settled, root)
    file = next((root / "lake" / "ledger").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1])
    assert command(root, "verify", "--chain") == 13
    assert command(root, "nightly", "--date", str(day(3))) == 13
    assert warehouse(root).exists()
