"""Progress on a terminal: a bar on stderr."""

import time

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

from flows.commands.progress import speed
from schemas.shown import shown


class Bar:
    """A bar that is called `title`, while it is entered."""

    def __init__(self, title: str) -> None:
        self.began = time.monotonic()
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} days"),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: TaskID = self.progress.add_task(shown(title), total=1, speed="")
        self.title = title

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """Move the bar."""
        pace = speed(rows, time.monotonic() - self.began)
        text = f"{self.title}: {stage}"
        self.progress.update(self.task, completed=done, total=total, description=shown(text), speed=pace)
