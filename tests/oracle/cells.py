"""How the text of one cell is read (SPEC 2 and 3, step 1). None = it cannot be read as its type."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

from tests.oracle.units import PICO

IDENTIFIER = re.compile(r"[0-9]+")
AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]+)?")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})?)"
)


def read_identifier(text: str) -> int | None:
    if not IDENTIFIER.fullmatch(text):
        return None
    number = int(text)
    return number if 1 <= number <= 2**63 - 1 else None


def read_number(text: str) -> Fraction | None:
    """An amount, exactly as it stands, with whatever decimals it has."""
    return Fraction(text) if AMOUNT.fullmatch(text) else None


def in_fen(number: Fraction) -> int | None:
    """Hundredths; None where the value has more than two decimals."""
    return number.numerator * 100 // number.denominator if (number * 100).denominator == 1 else None


def read_rate(text: str) -> int | None:
    """10^-12; None also where the value has more than twelve decimals."""
    number = read_number(text)
    if number is None or (number * PICO).denominator != 1:
        return None
    return int(number * PICO)


def read_date(text: str) -> date | None:
    match = DATE.fullmatch(text)
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """A moment in UTC, cut to microseconds."""
    match = MOMENT.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes = match.groups()
    if not zulu and (int(hours) > 23 or int(minutes or "0") > 59):
        return None
    offset = timedelta() if zulu else timedelta(hours=int(hours), minutes=int(minutes or "0"))
    zone = timezone(-offset if sign == "-" else offset)
    microsecond = int((fraction or "0").ljust(9, "0")[:6])
    try:
        midnight = datetime(int(year), int(month), int(day), tzinfo=zone)
        moment = midnight.replace(
            hour=int(hour), minute=int(minute), second=int(second or "0"), microsecond=microsecond
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
