"""What a command writes belongs to its account, and to the group that may read it; nobody else can."""

import os
import subprocess
import sys
from pathlib import Path

from tests.tiny import day, purchase, write_tiny


def settle(root: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    code = "import os; os.umask(0); from flows.commands.main import main; main()"
    line = [sys.executable, "-c", code, "--root", str(root), "--warehouse", str(root / "w.duckdb"), *arguments]
    return subprocess.run(line, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_others_can_read_nothing(tmp_path: Path) -> None:
    write_tiny(tmp_path, {n: [purchase(f"a{n}", n, "150.00"), "torn"] for n in (1, 2)}, 2)
    before = set(tmp_path.rglob("*"))
    for asked in (
        ("nightly", "--direct", "--date", str(day(1))),
        ("backfill", "--direct", "--from", str(day(1)), "--to", str(day(1)), "--dry-run"),
        ("nightly", "--direct", "--date", str(day(2))),
        ("close", "--through", str(day(1))),
        ("report",),
        ("export", "--month", "2019-03", "--to", str(tmp_path / "exports")),
        ("heads", "--to", str(tmp_path / "heads.txt")),
        ("nightly", "--direct", "--date", str(day(3))),
    ):
        done = settle(tmp_path, *asked)
        assert done.returncode in (0, 11), (asked, done.stderr)
    written = sorted(set(tmp_path.rglob("*")) - before)
    assert {"exports", "reports", "lake", "w.duckdb", "heads.txt"} <= {path.name for path in written}
    assert [str(path) for path in written if path.stat().st_mode & 0o027] == []


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    write_tiny(tmp_path, {1: [purchase("a1", 1, "150.00")]}, 1)
    nothing = dict.fromkeys(("SETTLE_RULEBOOK", "SETTLE_BUCKETS"), "")
    done = settle(tmp_path, "nightly", "--direct", "--date", str(day(1)), **nothing)
    assert done.returncode == 0, done.stderr
