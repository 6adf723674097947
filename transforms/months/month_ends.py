"""Ends of calendar months: the days on which promoters and agents are paid (SPEC 8, 9)."""

from calendar import monthrange
from datetime import date

from schemas.units import ONE_DAY


def is_month_end(day: date) -> bool:
    """Whether promoters and agents are paid on it."""
    return (day + ONE_DAY).day == 1


def last_day(settled: date, number: int) -> date:
    """The end of the `number`-th month from the day after `settled` on."""
    first = settled + ONE_DAY
    years, month = divmod(first.month - 1 + number - 1, 12)
    return date(first.year + years, month + 1, monthrange(first.year + years, month + 1)[1])
