"""Where a night goes: `python -m bench.profile event-night S` prints a table of stages, and the functions behind them.

One run in this process on a copy of the lake, with a profiler that costs time itself: for shares, not for seconds.
"""

import argparse
import cProfile
import io
import pstats
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench import lakes
from bench.setup import Bench, events
from bench.sizes import SIZES
from flows.operations import settle_night
from flows.settings import Settings

T = TypeVar("T")
PAGE, MEBI = 4096, 2**20
SHOWN = 25


@dataclass
class Stages:
    """Runs the stages of a night and notes the name, wall and CPU seconds, and peak resident MiB of each."""

    rows: list[tuple[str, float, float, float]] = field(default_factory=list)
    peak: float = 0.0
    over: bool = False

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        self.peak, wall, cpu = _resident(), time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            self.rows.append((name, time.perf_counter() - wall, time.process_time() - cpu, self.peak))

    def watch(self) -> None:
        """Follow the resident memory until it is over."""
        while not self.over:
            self.peak = max(self.peak, _resident())
            time.sleep(0.01)


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / MEBI


def main() -> None:
    """Settle the night under the profiler and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description="Show where a night's time goes.")
    parser.add_argument("job", choices=("event-night", "ordinary-night"))
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--scratch", type=Path, default=Path("/tmp"), help="worlds and lakes are kept here")
    asked = parser.parse_args()
    bench = Bench(SIZES[asked.size], asked.scratch, 1)
    made = events(bench)
    base, day = (made.later, made.last) if asked.job == "event-night" else (made.base, made.ordinary)
    root = lakes.copy_root(base, bench.folder("profiled"))
    stages, profiler = Stages(), cProfile.Profile()
    threading.Thread(target=stages.watch, daemon=True).start()
    settings = Settings(root, root / "warehouse.duckdb", root / "rulebook.toml", None, as_json=True, debug=False)
    profiler.runcall(settle_night, settings, day, stages=stages)
    stages.over = True
    shutil.rmtree(root)
    _print(stages, profiler)


def _print(stages: Stages, profiler: cProfile.Profile) -> None:
    print("| stage | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|")
    for name, wall, cpu, peak in stages.rows:
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:,.0f} |")
    told = io.StringIO()
    pstats.Stats(profiler, stream=told).sort_stats("cumulative").print_stats("flows/|transforms/|lake/|marts/", SHOWN)
    print(told.getvalue())


if __name__ == "__main__":
    main()
