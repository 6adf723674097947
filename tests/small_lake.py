"""A small lake with all kinds of tables for the tests of faults, and its state as the lake and the warehouse say it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.commands.main import run
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas import steps
from schemas.tables import TABLES
from tests.compare import read_tables
from tests.tiny import day, purchase, refund, write_tiny

State = dict[str, list[tuple[Any, ...]]]
LAST = 31
NIGHT = ("nightly", "--date", str(day(LAST)))
BACKFILL = ("backfill", "--from", str(day(20)), "--to", str(day(LAST)))
DAYS = {
    1: [purchase("a1", 1, "3000.00"), purchase("a2", 1, "500.00", 2, merchant=2)],
    2: [purchase("b1", 2, "4000.00", 2)],
    20: [purchase("c1", 20, "900.00", 3)],
    30: [
        purchase("d1", 30, "9000.00"),
        purchase("bad", 30, "12.345"),
        refund("r1", 30, "1000.00", "a1", 1),
        refund("r2", 30, "4000.00", "b1", 2, member=2),
    ],
    31: [purchase("e1", 31, "70.00", 3, merchant=2, voucher="1.00")],
}
REFERENCE = {
    "bindings": ["1,1,2018-02-01T00:00:00+08:00"],
    "promoters": ["1,2018-01-01,,junior", "2,2018-01-01,1,"],
    "merchant_promoters": ["1,2,2018-01-01"],
    "agents": ["1,44,2018-01-01,"],
    "partners": ["1,1,0.5,2018-01-01,"],
}


@dataclass(frozen=True)
class Case:
    """A run over the lake in `folder`: its command, its steps when nothing happens to it, the states around it."""

    folder: Path
    command: tuple[str, ...]
    steps: list[str]
    before: State
    after: State
    shown_before: State
    shown_after: State

    def copy(self, root: Path) -> Path:
        shutil.copytree(self.folder, root)
        return root


def command(root: Path, *arguments: str) -> int:
    """Run `settle` in this process; its exit code."""
    direct = ("--direct",) if arguments[0] in ("nightly", "backfill") else ()
    places = ("--root", str(root), "--warehouse", str(warehouse(root)), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments, *direct])


def warehouse(root: Path) -> Path:
    return root / "w.duckdb"


def child(root: Path, how: str, step: int, arguments: tuple[str, ...]) -> "subprocess.Popen[str]":
    """The same in a process of its own that stops at a step, see tests.kill_child."""
    line = [sys.executable, "-m", "tests.kill_child", str(root), how, str(step), *arguments]
    pipe = subprocess.PIPE
    here = Path(__file__).parent.parent
    return subprocess.Popen(line, cwd=here, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def make_cases(root: Path) -> dict[str, Case]:
    """A night with events, refunds and a month's end after a first run; a backfill of its days with another feed; the
    night after it, which merges the files of the month that is over."""
    start = root / "start"
    write_tiny(start, DAYS, LAST, rules={"quarantine_min_rows = 100": "quarantine_min_rows = 1000"}, **REFERENCE)
    coins = start / "landing" / "coin_redemptions" / f"day={day(30)}" / "a.csv"
    coins.parent.mkdir(parents=True)
    coins.write_text(
        f"redemption_id,occurred_at,holder_kind,holder_id,coins\nk1,{day(30)}T12:00:00+08:00,member,1,5.00\n",
        encoding="utf-8",
    )
    assert command(start, "nightly", "--date", str(day(29))) == 0
    night = _case(start, root / "night", NIGHT)
    late, turn = (
        _with_feed(root / "night", root / name, number) for name, number in (("late", 20), ("turn", LAST + 1))
    )
    return {
        "night": night,
        "backfill": _case(late, root / "backfill", BACKFILL),
        "month": _case(turn, root / "month", ("nightly", "--date", str(day(LAST + 1)))),
    }


def _with_feed(settled: Path, root: Path, number: int) -> Path:
    """A copy of a root with one more file for a day."""
    shutil.copytree(settled, root)
    folder = root / "landing" / "transactions"
    header = (folder / f"day={day(20)}" / "a.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / f"day={day(number)}").mkdir(exist_ok=True)
    file = folder / f"day={day(number)}" / "b.csv"
    file.write_text("\n".join([header, purchase("c2", number, "8000.00", 2)]) + "\n", encoding="utf-8")
    return root


def _case(folder: Path, root: Path, arguments: tuple[str, ...]) -> Case:
    shutil.copytree(folder, root)
    seen: list[str] = []
    with hooked(seen.append):
        assert command(root, *arguments) == 0
    states = (lake_state(folder), lake_state(root), shown(folder), shown(root))
    return Case(folder, arguments, seen, *states)


@contextmanager
def hooked(hook: Any) -> Iterator[None]:
    steps.hook = hook
    try:
        yield
    finally:
        steps.hook = None


def lake_state(root: Path) -> State:
    """Every table of the versions that the run log names, but for the names of the runs."""
    last = RunLog(root / "lake").last()
    assert last is not None
    draft = Draft(Store(root / "lake"), last.versions, "reader")
    names = {name: [column for column in table.schema if column != "run_id"] for name, table in TABLES.items()}
    return {name: sorted(draft.scan(TABLES[name]).select(names[name]).collect().rows(), key=str) for name in TABLES}


def shown(root: Path) -> State:
    """Every table of the warehouse."""
    return read_tables(warehouse(root))
