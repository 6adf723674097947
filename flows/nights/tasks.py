"""Stages of the settlement as Prefect tasks: few, named, with rows and amounts in their logs; progress as an artifact.

Tasks take nothing: Prefect hashes and stores what passes through it, and a frame must never do so.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE

from flows.nights.log_lines import measured
from flows.settlement.progress import Listener, kind_of

T = TypeVar("T")
MOST_OF_A_KIND: Final = 3
"""Stages of one name that are tasks of their own; a backfill of years has thousands more, which its progress tells."""
REPORTED_EVERY: Final = 5.0
"""Seconds between two updates of the progress."""


class TaskStages:
    """Runs the stages of one flow run. Nothing is retried here: half a draft cannot be continued."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """`work` as a task named `name`; the later ones of a long range without a task."""
        kind = kind_of(name)
        self._seen[kind] += 1
        if self._seen[kind] > MOST_OF_A_KIND:
            return work()
        # Prefect keeps what a task returns as long as the flow runs: a day's rows must not be among it.
        results: list[T] = []
        task(name=kind, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)(
            lambda: results.append(_logged(work))
        )()
        return results.pop()


def _logged(work: Callable[[], T]) -> T:
    result = work()
    if said := measured(result):
        get_run_logger().info(said)
    return result


class Progress:
    """Tells `beside` how far a run is, and the Prefect UI too: a bar for a range that takes longer than a moment."""

    def __init__(self, title: str, beside: Listener) -> None:
        self.title, self.beside = title, beside
        self._artifact: UUID | None = None
        self._spoke = time.monotonic()

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """Update the bar, unless it was just now or the range is over before anybody could look."""
        self.beside.at(stage, done, total, rows)
        moment, last = time.monotonic(), done >= total
        if (moment - self._spoke < REPORTED_EVERY) if not last else self._artifact is None:
            return
        self._spoke = moment
        percent, said = 100 * done / total, f"{self.title}: {stage}, {done} of {total} days, {rows:,} rows"
        if self._artifact is None:
            made = create_progress_artifact(percent, key="progress", description=said)
            assert isinstance(made, UUID), "a synchronous flow gets its artifact at once"
            self._artifact = made
        else:
            update_progress_artifact(self._artifact, percent, description=said)
        get_run_logger().info(said)
