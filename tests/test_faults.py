"""What may happen to a run (SPEC 14): kills at every step, full disks, a second run beside it, odd clocks.

CI kills once at each kind of step; `SETTLE_KILLS=all` kills at every single one.
"""

import errno
import os
import re
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb
import pytest

from flows.operations import settle as operations
from lake.digest import digest as digest_of
from lake.lock import lake_lock
from lake.runs.audit import audit
from lake.runs.log import RunLog
from lake.tables.files import run_of
from lake.tables.store import Store
from schemas.tables import LEDGER
from tests.small_lake import (
    BACKFILL,
    NIGHT,
    Case,
    child,
    command,
    hooked,
    lake_state,
    shown,
    warehouse,
)
from tests.tiny import day

EVERY = os.environ.get("SETTLE_KILLS") == "all"
SETTLED, PUBLISHED = "appended run log row", "replaced warehouse"
KINDS = {
    "write": "write (?!chain).*",
    "a part opened": "open a part of .*",
    "a part written": "wrote a part of .*",
    "written": "wrote (?!a part|chain).*",
    "commit": "commit .*",
    "committed": "committed .*",
    "chain record": "(write|place|wrote) chain record",
    "run log row": "append run log row",
    "settled": SETTLED,
    "head": "note head|noted head",
    "mart": "build warehouse|begin marts|made mart .*",
    "replace": "replace warehouse",
    "published": PUBLISHED,
}


def places(case: Case, kind: str) -> list[int]:
    """Numbers of the steps of a kind, from 1."""
    return [number for number, name in enumerate(case.steps, 1) if re.fullmatch(KINDS[kind], name)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_killed_at_any_step_has_happened_or_has_not(
    cases: dict[str, Case], kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [(case, number) for case in cases.values() for number in places(case, kind)]
    assert chosen
    which = list(KINDS).index(kind) * 7 % len(chosen)
    for case, number in chosen if EVERY else chosen[which : which + 1]:
        kill(case, number, tmp_path / f"{case.command[0]}-{number}")
        capsys.readouterr()


def kill(case: Case, number: int, root: Path) -> None:
    case.copy(root)
    with duckdb.connect(str(warehouse(root)), read_only=True) as reader:
        before = reader.sql("select * from ledger order by all").fetchall()
        dead = child(root, "kill", number, case.command)
        _, told = dead.communicate()
        assert dead.returncode == -signal.SIGKILL, told
        assert reader.sql("select * from ledger order by all").fetchall() == before
    settled, published = number >= case.steps.index(SETTLED) + 1, number >= case.steps.index(PUBLISHED) + 1
    assert lake_state(root) == (case.after if settled else case.before)
    assert shown(root) == (case.shown_after if published else case.shown_before)
    with lake_lock(root):
        pass
    again(case, root)
    shutil.rmtree(root)


def again(case: Case, root: Path) -> None:
    """The same command completes what was begun, and nothing of the dead run stays."""
    assert command(root, *case.command) == 0
    assert (lake_state(root), shown(root)) == (case.after, case.shown_after)
    assert command(root, "tidy") == 0
    finished = set(RunLog(root / "lake").frame()["run_id"])
    tables = [path for path in (root / "lake").glob("*/**/*.parquet") if run_of(path.name)]
    assert {run_of(path.name) for path in tables} <= finished
    assert {path.stem for path in (root / "lake" / "chain").iterdir()} == finished
    assert list(root.glob("w.duckdb.*")) == []
    assert (lake_state(root), shown(root)) == (case.after, case.shown_after)
    assert command(root, "verify", "--chain") == 0


def test_the_cases_cut_files_and_merge_them(cases: dict[str, Case], tmp_path: Path) -> None:
    """A backfill goes back to a day in the middle of a file; the first night of a month merges the month before."""
    spans = {}
    for name in ("backfill", "month"):
        root = cases[name].copy(tmp_path / name)
        assert command(root, *cases[name].command) == 0
        run = RunLog(root / "lake").last()
        assert run is not None
        named = Store(root / "lake").files(LEDGER, run.versions["ledger"])
        spans[name] = sorted(f.span for f in named if f.span and f.span[0] < day(20))
    assert spans == {"backfill": [(day(1), day(2))], "month": [(day(1), day(31))]}


def test_every_step_is_of_a_kind_that_is_killed(cases: dict[str, Case]) -> None:
    for case in cases.values():
        assert sorted(number for kind in KINDS for number in places(case, kind)) == list(range(1, len(case.steps) + 1))


def test_a_full_disk_changes_nothing_and_says_what_to_do(
    cases: dict[str, Case], night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in ("open a part of ledger", "wrote journal", "commit ledger", "place chain record", "append run log"):
        with hooked(failing(step, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))):
            assert command(night, *NIGHT) == 1
        told = capsys.readouterr().err
        assert "the disk is full" in told
        assert "make room" in told
        assert "Traceback" not in told
        assert lake_state(night) == cases["night"].before
        assert command(night, "tidy") == 0
        assert "nothing to tidy" in capsys.readouterr().out
    assert command(night, "status") == 0
    assert "the disk is full" in capsys.readouterr().out
    again(cases["night"], night)


@pytest.mark.parametrize("table", ["ledger", "journal"])
def test_a_file_that_cannot_be_read_back_is_removed_with_its_run(
    cases: dict[str, Case], night: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    def digest(path: Path) -> str:
        if path.is_relative_to(night / "lake" / table):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return digest_of(path)

    with monkeypatch.context() as patch:
        patch.setattr("lake.tables.writer.digest", digest)
        assert command(night, *NIGHT) == 1
    assert "Input/output error" in capsys.readouterr().err
    assert lake_state(night) == cases["night"].before
    assert command(night, "tidy") == 0
    assert "nothing to tidy" in capsys.readouterr().out
    again(cases["night"], night)


def test_rows_that_wait_on_disk_are_gone_when_their_run_has_ended(
    cases: dict[str, Case], night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.draft.spill.PLAIN_ROWS", 0)
    monkeypatch.setattr("lake.draft.spill.FILE_ROWS", 1)
    case, dead = cases["night"], tmp_path / "dead"
    with hooked(failing("write waiting rows", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))):
        assert command(night, *NIGHT) == 1
    assert lake_state(night) == case.before
    assert not (night / "lake" / ".waiting").exists()

    def as_killed(step: str) -> None:
        if step == "wrote waiting rows" and not dead.exists():
            shutil.copytree(night, dead)

    with hooked(as_killed):
        assert command(night, *NIGHT) == 0
    assert not (night / "lake" / ".waiting").exists()
    assert list((dead / "lake" / ".waiting").rglob("*.parquet"))
    assert lake_state(dead) == case.before
    for root in (night, dead):
        again(case, root)
        assert not (root / "lake" / ".waiting").exists()


@pytest.mark.parametrize("step", ["made mart ledger", "replace warehouse"])
def test_a_disk_full_at_publication_leaves_the_old_warehouse(
    cases: dict[str, Case], night: Path, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with hooked(failing(step, duckdb.IOException("Could not write: No space left on device"))):
        assert command(night, *NIGHT) == 1
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "settle publish" in told
    assert (lake_state(night), shown(night)) == (cases["night"].after, cases["night"].shown_before)
    assert command(night, "publish") == 0
    assert shown(night) == cases["night"].shown_after


def failing(name: str, fault: Exception) -> Callable[[str], None]:
    def hook(step: str) -> None:
        if step.startswith(name):
            raise fault

    return hook


def test_a_run_that_fails_after_its_row_was_written_keeps_its_files(cases: dict[str, Case], night: Path) -> None:
    with hooked(failing(SETTLED, OSError(errno.EIO, "Input/output error"))):
        assert command(night, *NIGHT) == 1
    assert lake_state(night) == cases["night"].after
    again(cases["night"], night)


def test_a_second_run_is_14_while_the_first_is_at_work(
    cases: dict[str, Case], night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = child(night, "wait", cases["night"].steps.index("commit ledger") + 1, NIGHT)
    assert first.stdout is not None
    while (line := first.stdout.readline()) != "waiting\n":
        assert line, "the first run ended early"
    for arguments in (NIGHT, BACKFILL, ("publish",), ("tidy",), ("close", "--through", str(day(5)))):
        assert command(night, *arguments) == 14
        assert "another run is at work" in capsys.readouterr().err
    assert command(night, "verify", "--chain") == 0  # a reader is not in the way
    first.communicate("go on\n")
    assert first.returncode == 0
    assert (lake_state(night), shown(night)) == (cases["night"].after, cases["night"].shown_after)


@pytest.mark.parametrize("pace", [timedelta(0), timedelta(days=-3)])
def test_run_ids_are_unique_and_in_order_whatever_the_clock_says(
    cases: dict[str, Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pace: timedelta
) -> None:
    root, ticks = tmp_path / "lake", count()
    shutil.copytree(cases["night"].folder / "landing", root / "landing")
    shutil.copy(cases["night"].folder / "rulebook.toml", root)
    monkeypatch.setattr(operations, "now", lambda: datetime(2026, 1, 1, tzinfo=UTC) + next(ticks) * pace)
    for number in (3, 4, 5):
        assert command(root, "nightly", "--date", str(day(number))) == 0
    runs = RunLog(root / "lake").frame()["run_id"].to_list()
    assert runs == sorted(set(runs))
    assert len(runs) == 3
    assert audit(root / "lake").faults == []


@pytest.mark.parametrize("name", ["build warehouse", "begin marts", "replace warehouse", "replaced warehouse"])
def test_a_stop_by_hand_while_the_warehouse_is_built_says_what_is_shown(
    name: str, cases: dict[str, Case], night: Path
) -> None:
    case = cases["night"]
    stopped = child(night, "interrupt", case.steps.index(name) + 1, case.command)
    _, told = stopped.communicate(timeout=200)
    assert stopped.returncode == 130, told
    assert f"stopped by hand; the books are settled through {day(31)}" in told
    assert "Traceback" not in told
    is_shown = shown(night) == case.shown_after
    assert ("the warehouse does not show it yet: `settle publish`" in told) is not is_shown
    assert is_shown or shown(night) == case.shown_before
    assert lake_state(night) == case.after
    assert command(night, "publish") == 0
    assert shown(night) == case.shown_after
