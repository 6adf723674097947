"""Where a job's time goes: `python -m bench.profile event-night S` prints a table of its stages.

One run in this process on a copy of the lake. With `--functions` also the functions behind them, by a profiler that
costs time itself: for shares, not for seconds.
"""

import argparse
import cProfile
import io
import pstats
from collections.abc import Callable
from pathlib import Path

from bench import lakes
from bench.dividends import dividends_task
from bench.jobs.nights import single_root
from bench.jobs.ranges import history_roots, range_root
from bench.peers import engine_dividends
from bench.setup import ONE_DAY, Bench, events
from bench.sizes import SIZES
from bench.stages import Stages
from flows.operations.settle import Terms, settle_night, settle_range
from flows.settings import Settings

SHOWN = 25

Job = Callable[[Bench, Stages], None]


def main() -> None:
    """Run the job and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description="Show where a job's time goes.")
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--scratch", type=Path, default=Path("/tmp"), help="worlds and lakes are kept here")
    parser.add_argument("--days", type=int, help="days of the backfill (default: those of the size)")
    parser.add_argument("--functions", action="store_true", help="also the functions, by a profiler that costs time")
    asked = parser.parse_args()
    bench, stages = Bench(SIZES[asked.size], asked.scratch, 1, days=asked.days), Stages()
    profiler = cProfile.Profile(builtins=False)
    with stages.watching():
        if asked.functions:
            profiler.runcall(JOBS[asked.job], bench, stages)
        else:
            JOBS[asked.job](bench, stages)
    print(stages.table())
    if asked.functions:
        print(_functions(profiler))


def _event_night(bench: Bench, stages: Stages) -> None:
    made = events(bench)
    settings = _copied(bench, made.later)
    settle_night(settings, made.last, Terms(stages=stages))


def _ordinary_night(bench: Bench, stages: Stages) -> None:
    made = events(bench)
    settle_night(_copied(bench, made.base), made.ordinary, Terms(stages=stages))


def _one_transaction_night(bench: Bench, stages: Stages) -> None:
    base, day = single_root(bench)
    settle_night(_copied(bench, base), day, Terms(stages=stages))


def _history_night(bench: Bench, stages: Stages) -> None:
    """The night of few rows, on the lake of many days."""
    few, _, last = history_roots(bench)
    settle_night(_copied(bench, few[max(few)]), last - ONE_DAY, Terms(stages=stages))


def _backfill(bench: Bench, stages: Stages) -> None:
    root, days = range_root(bench)
    settle_range(_settings(root), days[0], days[-1], Terms(stages=stages))


def _dividends(bench: Bench, stages: Stages) -> None:
    """Each stage does what the one above it does, and one thing more."""
    made, folder = events(bench), bench.folder("profiled")
    settle_night(_copied(bench, made.later), made.last)
    task = dividends_task(folder, "consumer", folder)
    engine_dividends.staged(task, folder, stages)


JOBS: dict[str, Job] = {
    "event-night": _event_night,
    "ordinary-night": _ordinary_night,
    "one-transaction-night": _one_transaction_night,
    "history-night": _history_night,
    "backfill": _backfill,
    "dividends": _dividends,
}


def _copied(bench: Bench, base: Path) -> Settings:
    return _settings(lakes.copy_root(base, bench.folder("profiled")))


def _settings(root: Path) -> Settings:
    return Settings(root, root / "warehouse.duckdb", root / "rulebook.toml", None, as_json=True, debug=False)


def _functions(profiler: cProfile.Profile) -> str:
    told = io.StringIO()
    pstats.Stats(profiler, stream=told).sort_stats("cumulative").print_stats("flows/|transforms/|lake/|marts/", SHOWN)
    return told.getvalue()


if __name__ == "__main__":
    main()
