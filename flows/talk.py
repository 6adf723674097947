"""Talk on stderr: progress on a terminal, plain lines elsewhere, nothing with --json."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from flows.settlement.progress import Listener, Silence

STEP_SECONDS = 2.0
"""Plain lines are at least this far apart."""


@contextmanager
def listening(title: str, *, quiet: bool) -> Iterator[Listener]:
    """A listener for a long command that is called `title`."""
    if quiet:
        yield Silence()
    elif sys.stderr.isatty():
        with _Bar(title) as bar:
            yield bar
    else:
        yield _Lines(title)


class _Lines:
    """One line now and then."""

    def __init__(self, title: str) -> None:
        self.title, self.began, self.spoke = title, time.monotonic(), 0.0

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """Say it, unless something was said just now."""
        moment = time.monotonic()
        if done < total and moment - self.spoke < STEP_SECONDS:
            return
        self.spoke = moment
        print(
            f"{self.title}: {stage}, {done} of {total} days, {_speed(rows, moment - self.began)}",
            file=sys.stderr,
        )


class _Bar:
    """A bar on a terminal."""

    def __init__(self, title: str) -> None:
        self.began = time.monotonic()
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} days"),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: TaskID = self.progress.add_task(title, total=1, speed="")
        self.title = title

    def __enter__(self) -> "_Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """Move the bar."""
        speed = _speed(rows, time.monotonic() - self.began)
        text = f"{self.title}: {stage}"
        self.progress.update(self.task, completed=done, total=total, description=text, speed=speed)


def _speed(rows: int, seconds: float) -> str:
    per_second = rows / seconds if seconds > 0 else 0
    return f"{rows:,} rows, {per_second:,.0f} rows/s"
