"""Talk on stderr: progress on a terminal, plain lines elsewhere, nothing with --json."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flows.settlement.progress import Listener, Silence
from schemas.shown import shown

STEP_SECONDS = 2.0
"""Plain lines are at least this far apart."""


@contextmanager
def listening(title: str, *, quiet: bool) -> Iterator[Listener]:
    """A listener for a long command that is called `title`."""
    if quiet:
        yield Silence()
    elif sys.stderr.isatty():
        # Nights run on a schedule, without a terminal: they need not wait for its library.
        from flows.commands.progress_bar import Bar  # noqa: PLC0415

        with Bar(title) as bar:
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
            shown(f"{self.title}: {stage}, {done} of {total} days, {speed(rows, moment - self.began)}"),
            file=sys.stderr,
        )


def speed(rows: int, seconds: float) -> str:
    """How many rows so far, and how fast."""
    per_second = rows / seconds if seconds > 0 else 0
    return f"{rows:,} rows, {per_second:,.0f} rows/s"
