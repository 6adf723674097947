"""Stages of a run and what each takes: wall and CPU seconds, peak resident memory; those of one name together."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flows.settlement.progress import kind_of

T = TypeVar("T")
PAGE, MEBI = 4096, 2**20
WATCHED_EVERY = 0.01


@dataclass
class Spent:
    """What all runs of a stage have taken: wall and CPU seconds, and the most resident MiB of any."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    times: int = 0


@dataclass
class Stages:
    """Runs stages of the settlement and keeps what they take, by name."""

    spent: dict[str, Spent] = field(default_factory=dict)
    peak: float = 0.0

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do `work` under `name`, without the dates that it ends with."""
        self.peak, wall, cpu = _resident(), time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            entry = self.spent.setdefault(kind_of(name), Spent())
            entry.wall += time.perf_counter() - wall
            entry.cpu += time.process_time() - cpu
            entry.peak = max(entry.peak, self.peak)
            entry.times += 1

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Follow the resident memory for as long as this lasts."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(WATCHED_EVERY):
            self.peak = max(self.peak, _resident())

    def table(self) -> str:
        """As Markdown, in the order in which the stages were met first."""
        head = ["| stage | times | wall s | CPU s | peak MiB |", "|---|---:|---:|---:|---:|"]
        rows = [
            f"| {name} | {entry.times} | {entry.wall:.2f} | {entry.cpu:.2f} | {entry.peak:,.0f} |"
            for name, entry in self.spent.items()
        ]
        return "\n".join(head + rows)


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / MEBI
