"""A world of three days of one purchase each, and moments of its nights."""

from datetime import datetime, time
from pathlib import Path

from flows.settings import SHANGHAI
from tests.small_lake import command
from tests.tiny import day, purchase, write_tiny

DAYS = {n: [purchase(f"a{n}", n, "100.00")] for n in (1, 2, 3)}


def first_settled(root: Path) -> Path:
    """The root of the three days, the first of them settled."""
    write_tiny(root, DAYS, 3)
    assert command(root, "nightly", "--date", str(day(1))) == 0
    return root


def night_of(number: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the night that settles day `number`."""
    return datetime.combine(day(number + 1), time(hour, minute), SHANGHAI)
