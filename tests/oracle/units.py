"""Plain integers, SPEC 1: hundredths for amounts, 10^-12 for rates; rounding; the business zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

PICO = 10**12
SHANGHAI = ZoneInfo("Asia/Shanghai")


class OracleRefusal(Exception):  # noqa: N818 - the name that the tests were promised
    """The SPEC says that the run stops here, with this exit code."""

    def __init__(self, exit_code: int, reason: str) -> None:
        super().__init__(f"exit code {exit_code}: {reason}")
        self.exit_code, self.reason = exit_code, reason


def half_up(numerator: int, denominator: int) -> int:
    """R1, for numerators that are not negative: 1/2 -> 1, 149/100 -> 1."""
    assert numerator >= 0
    return (2 * numerator + denominator) // (2 * denominator)


def toward_zero(numerator: int, denominator: int = PICO) -> int:
    """R2: 199/100 -> 1, -199/100 -> -1."""
    quotient = abs(numerator) // denominator
    return quotient if numerator >= 0 else -quotient


def business_date(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """The midnight after `day` in Shanghai: what is strictly before it belongs to the date."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def days_between(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def is_last_of_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def money(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def rate(pico: int) -> Decimal:
    return Decimal(pico).scaleb(-12)
