"""Randomness that a shorter world shares with a longer one: every part of a world has its own generator."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
SHANGHAI = ZoneInfo("Asia/Shanghai")
TIMES = (
    time(0),
    time(0, 0, 0, 1),
    time(0, 0, 1),
    time(8),
    time(12),
    time(12, 30, 15, 123456),
    time(15, 59, 59),
    time(16),
    time(20, 5),
    time(23, 59, 59, 999999),
)
"""Few, so that moments meet: strictly-after, first-of-two and midnight are then really tried."""


def chance(*parts: object) -> Random:
    """The generator of one part of one world, the same on every machine and Python."""
    return Random("/".join(str(part) for part in parts))


def often(rng: Random, percent: float) -> bool:
    return rng.random() * 100 < percent


def pick(rng: Random, *choices: T) -> T:
    return rng.choice(choices)


def some(rng: Random, choices: Sequence[T], at_most: int) -> list[T]:
    return rng.sample(list(choices), rng.randint(0, min(at_most, len(choices))))


def moment_on(rng: Random, day: date) -> datetime:
    """A moment of a Shanghai date, in UTC."""
    return datetime.combine(day, rng.choice(TIMES), SHANGHAI).astimezone(UTC)


def day_near(rng: Random, day: date, before: int, after: int) -> date:
    return day + timedelta(days=rng.randint(-before, after))


def write_moment(rng: Random, moment: datetime) -> str:
    """One of the many ways to write a moment."""
    hours = rng.choice((8, 8, 8, 0, -5))
    minutes = 30 if hours == -5 and often(rng, 30) else 0
    local = moment.astimezone(timezone(timedelta(hours=hours) - timedelta(minutes=minutes)))
    sign = "-" if hours < 0 else "+"
    offsets = [f"{sign}{abs(hours):02}:{minutes:02}", f"{sign}{abs(hours):02}{minutes:02}"]
    offsets += ["Z"] if hours == 0 else []
    offsets += [f"{sign}{abs(hours):02}"] if minutes == 0 else []
    return f"{local:%Y-%m-%dT%H:%M}" + _seconds(rng, local) + rng.choice(offsets)


def _seconds(rng: Random, local: datetime) -> str:
    if local.microsecond:
        more = pick(rng, "", "000", "999")  # what is beyond microseconds is cut off
        return f":{local.second:02}.{local.microsecond:06}{more}"
    if local.second == 0 and often(rng, 30):
        return ""
    return f":{local.second:02}" + pick(rng, "", "", ".0", ".000")
