"""The same night in processes of its own: as a Prefect flow run on a temporary server, and on any number of threads."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.engine import backfill, published
from tests.worlds import make_world

WORLD = make_world(1, days=6, mess=0, changes=0)
"""A world that settles without quarantine or new rules."""
SETTLE = Path(sys.executable).with_name("settle")


def settle(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    places = ["--root", str(root), "--warehouse", str(root / "w.duckdb"), "--rulebook", str(root / "rulebook.toml")]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")} | environment
    return subprocess.run(
        [SETTLE, *places, *arguments], capture_output=True, text=True, env=surroundings, check=False, timeout=300
    )


def test_a_night_under_prefect_gives_the_same_books(tmp_path: Path) -> None:
    WORLD.write(tmp_path)
    done = settle(tmp_path, "nightly", "--date", str(WORLD.last))
    assert done.returncode == 0, done.stderr
    assert "settled" in done.stdout
    root = tmp_path / "direct"
    _, rulebook = WORLD.write(root)
    backfill(root, rulebook, WORLD.first, WORLD.last)
    assert_same(read_tables(published(root), ALL_TABLES), read_tables(tmp_path / "w.duckdb", ALL_TABLES), ALL_TABLES)


def test_a_failure_under_prefect_keeps_its_exit_code_and_shows_no_traceback(tmp_path: Path) -> None:
    WORLD.write(tmp_path)
    failed = settle(tmp_path, "nightly", "--date", str(WORLD.last + timedelta(days=1)))
    assert failed.returncode == 11
    assert "to do:" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stdout.startswith("settled "), "the days before the missing one are settled"


def test_the_number_of_threads_changes_nothing(tmp_path: Path) -> None:
    tables = []
    for threads in ("1", "3"):
        root = tmp_path / threads
        WORLD.write(root)
        days = ("--from", str(WORLD.first), "--to", str(WORLD.last), "--direct")
        done = settle(root, "backfill", *days, POLARS_MAX_THREADS=threads)
        assert done.returncode == 0, done.stderr
        tables.append(read_tables(root / "w.duckdb", ALL_TABLES))
    assert_same(*tables, ALL_TABLES)
