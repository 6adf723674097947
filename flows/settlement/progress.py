"""How a run tells what it is doing: an interface for the settlement, quiet unless somebody listens."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Listener(Protocol):
    """Hears how far a run is. `rows` counts transactions rows taken in since the run began."""

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """`done` of `total` days have passed `stage`."""


class Silence:
    """Nobody listens."""

    def at(self, stage: str, done: int, total: int, rows: int) -> None:
        """Say nothing."""


class Stages(Protocol):
    """Runs a stage of the settlement: at once, or as a Prefect task."""

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do `work` under `name` and return its result."""


def kind_of(stage: str) -> str:
    """The name of a stage without the dates that one of a block of days ends with."""
    return stage.rpartition(" ")[0] if stage[-1].isdigit() else stage


def at_once(name: str, work: Callable[[], T]) -> T:
    """The stage without an orchestrator."""
    return work()
