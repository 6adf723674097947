"""Single nights on a full lake: with an event, without one, with one purchase, and at several numbers of members."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from bench import lakes
from bench.answers import Answer, answer, ledger_of, written_answer
from bench.children import floor_of, module, night_of, python
from bench.contest import Contender, contest
from bench.floors import night_floor
from bench.lake_files import committed, task_of
from bench.measure import Usage
from bench.report import Report, floor_parts
from bench.setup import Bench, Events, events, facts
from bench.task import Task

IMPORTS = "import flows.commands.main, flows.commands.nightly"


def event_night(bench: Bench) -> list[Report]:
    """Both pools pay all their cohorts."""
    made = events(bench)
    return [_night(bench, "event-night", made.later, made.last)]


def ordinary_night(bench: Bench) -> list[Report]:
    """As many rows, no event."""
    made = events(bench)
    return [_night(bench, "ordinary-night", made.base, made.ordinary)]


def one_transaction_night(bench: Bench) -> list[Report]:
    """One purchase on a full lake: what a night costs before it has anything to do."""
    base, day = single_root(bench)
    imports = Contender("imports alone", lambda place: python("-c", IMPORTS, place=place))
    return [_night(bench, "one-transaction-night", base, day, [imports], peers=False)]


def single_root(bench: Bench) -> tuple[Path, date]:
    """A root over the lake before the ordinary night, with one purchase on that day; and the day."""
    made = events(bench)
    base = lakes.new_root(bench.folder("one-transaction"), _single(made), [made.ordinary])
    lakes.link_tree(made.base / "lake", base / "lake")
    return base, made.ordinary


def growth(bench: Bench) -> list[Report]:
    """The event night at several numbers of members."""
    reports = []
    for share in bench.size.growth:
        size = bench.size.scaled(share)
        made = events(bench, size)
        report = _night(bench, f"growth, {size.members:,} members", made.later, made.last, peers=False)
        each = report.results[0].median("wall") / size.members * 1e6
        report.lines.append(f"{each:.2f} microseconds a member (engine, wall)")
        reports.append(report)
    return reports


def _night(
    bench: Bench, job: str, base: Path, day: date, more: Sequence[Contender] = (), *, peers: bool = True
) -> Report:
    folder = bench.folder(job.partition(",")[0])
    folder.mkdir(parents=True, exist_ok=True)
    settled = lakes.copy_root(base, folder / "settled")
    lakes.night(settled, day)
    lakes.know_reference(base, settled)
    task = task_of(base, day)
    told, task_file = night_floor(task, settled, folder), task.write(folder / "TASK.json")
    contenders = [
        Contender("engine", night_of(bench, base, day), lambda place: night_answer(place / "root", day)),
        Contender("floor", floor_of(told)),
        *more,
    ]
    if peers:
        anew = night_of(bench, base, day, known=False)
        contenders.append(
            Contender("engine, reference files new", anew, lambda place: night_answer(place / "root", day))
        )
        duckdb = Contender(
            "duckdb", lambda place: module("bench.peers.duckdb_night", str(task_file), place), written_answer
        )
        contenders.append(duckdb)
        if bench.python:
            contenders.append(_pandas(bench.python, task_file))
    results = contest(bench.wanted(contenders), bench.rounds, folder)
    found = {**facts(settled), "rows of the night": f"{_rows(task):,}"}
    return Report(job, bench.size.name, found, results, floor_parts(told))


def _pandas(interpreter: str, task_file: Path) -> Contender:
    def settle(place: Path) -> Usage:
        return python(
            "-m", "bench.peers.pandas_night", str(task_file), str(place), place=place, interpreter=interpreter
        )

    return Contender("pandas", settle, written_answer)


def night_answer(root: Path, day: date) -> Answer:
    """What the engine has answered for a day, read from the lake."""
    tables = committed(root)
    ledger = [f.path for f in tables["ledger"] if day.isoformat() in f.days]
    decided = pl.read_parquet([f.path for f in tables["pool_events"]]).filter(pl.col("cutoff_date") == day)
    return answer(ledger_of(ledger, day), decided)


def _rows(task: Task) -> int:
    counts = (pl.scan_csv(path, infer_schema=False).select(pl.len()).collect() for path in task.feed("transactions"))
    return sum(int(count.item()) for count in counts)


def _single(made: Events) -> Path:
    """The world with one purchase on its ordinary day: the first of that day's."""
    world, day = made.folder / "single", f"day={made.ordinary}"
    if not world.exists():
        folder = world / "landing" / "transactions" / day
        folder.mkdir(parents=True)
        (world / "landing" / "reference").symlink_to(made.world / "landing" / "reference")
        (world / "rulebook.toml").symlink_to(made.world / "rulebook.toml")
        first = min((made.world / "landing" / "transactions" / day).glob("*.csv"))
        purchases = pl.read_csv(first, infer_schema=False).filter(pl.col("kind") == "purchase")
        purchases.head(1).write_csv(folder / "part-0000.csv")
    return world
