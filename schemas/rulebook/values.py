"""The kinds of value a rulebook holds, each refusing what it is not, in words that help (SPEC 11)."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, TypeGuard, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from schemas.rulebook.decimals import AMOUNT_PLACES, RATE_PLACES, decimal_in_quotes
from schemas.rulebook.refusals import refused
from schemas.units import LARGEST_FEN, PICO, TIME_ZONE

BUSINESS_ZONE: Final = ZoneInfo(TIME_ZONE)
LONGEST_NAME: Final = 64
# The limits keep what follows inside its columns: a dividend rate stays below ceiling x (1 + growth), which
# DECIMAL(18,12) has to show, and a date plus days stays in the calendar.
LARGEST_RATE: Final = 1_000 * PICO
LARGEST_GROWTH: Final = 100 * PICO
LARGEST_PER_YUAN: Final = 10_000 * PICO
MOST_DAYS: Final = 100_000
LARGEST_COUNT: Final = 1_000_000_000


def amount(low: int = 0) -> BeforeValidator:
    """An amount in fen, at least `low` fen."""
    return decimal_in_quotes(AMOUNT_PLACES, low, LARGEST_FEN)


def rate(low: int = 0, high: int = LARGEST_RATE) -> BeforeValidator:
    """A rate in pico, between `low` and `high` pico."""
    return decimal_in_quotes(RATE_PLACES, low, high)


def whole_number(low: int, high: int) -> BeforeValidator:
    """A TOML integer between `low` and `high`, inclusive; `true` is none."""

    def parse(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise refused(f"a whole number from {low} to {high}, without quotes")
        return value

    return BeforeValidator(parse)


def one_of(options: object) -> BeforeValidator:
    """One of the texts of a `Literal`."""
    texts: tuple[str, ...] = get_args(options)

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in texts:
            raise refused("one of " + ", ".join(f'"{text}"' for text in texts))
        return value

    return BeforeValidator(parse)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise refused("true or false, without quotes")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise refused("text in quotes")
    return value


def _is_label(value: object) -> TypeGuard[str]:
    # No control or direction character is printable.
    printable = isinstance(value, str) and value.isprintable() and value == value.strip()
    return isinstance(value, str) and printable and 1 <= len(value) <= LONGEST_NAME


def _label(value: object) -> str:
    if not _is_label(value):
        raise refused(f"1 to {LONGEST_NAME} printable characters in quotes, no blank at either end")
    return value


def _name(value: object) -> str:
    if not _is_label(value) or re.search(r"""["'/\\]""", value):
        raise refused(
            f"1 to {LONGEST_NAME} characters in quotes, letters of any script and whatever else is printable, "
            "but no quotes, slash or backslash, and no blank at either end"
        )
    return value


def _region_prefix(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[0-9]{1,6}", value):
        raise refused('1 to 6 digits in quotes, such as "31" or "4401"')
    return value


def _moment(value: object) -> datetime:
    """An aware moment in UTC, one that also has a date in the business zone."""
    allowed = "a date and time with an offset, without quotes, such as 2019-01-01T00:00:00+08:00"
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise refused(allowed)
    try:
        value.astimezone(BUSINESS_ZONE)
        return value.astimezone(UTC)
    except OverflowError:
        raise refused(f"{allowed}, between the years 0002 and 9998") from None


def array_of(what: str) -> BeforeValidator:
    """A TOML array; `what` says of which things, in words."""

    def check(value: object) -> object:
        if not isinstance(value, list | tuple):
            raise refused(f"an array of {what}")
        return value

    return BeforeValidator(check)


Fen = Annotated[int, amount()]
"""An amount in hundredths, from zero on, from a TOML string with at most 2 decimals."""
PositiveFen = Annotated[int, amount(low=1)]
"""An amount in hundredths, above zero."""
Pico = Annotated[int, rate()]
"""A rate in 10^-12, zero to 1000, from a TOML string with at most 12 decimals."""
PositivePico = Annotated[int, rate(low=1)]
"""A rate in 10^-12, above zero."""
Growth = Annotated[int, rate(low=1, high=LARGEST_GROWTH)]
"""A growth in 10^-12, above zero."""
Share = Annotated[int, rate(high=PICO)]
"""A part of a whole, in 10^-12: zero to one."""
PerYuan = Annotated[int, rate(high=LARGEST_PER_YUAN)]
"""What one yuan of concession earns, in 10^-12 points or coins."""
Days = Annotated[int, whole_number(0, MOST_DAYS)]
PositiveDays = Annotated[int, whole_number(1, MOST_DAYS)]
Count = Annotated[int, whole_number(0, LARGEST_COUNT)]
PositiveCount = Annotated[int, whole_number(1, LARGEST_COUNT)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, BeforeValidator(_text)]
Label = Annotated[str, BeforeValidator(_label)]
"""A title, shown as it is."""
Name = Annotated[str, BeforeValidator(_name)]
"""A name or code: it goes into paths, SQL and pages."""
RegionPrefix = Annotated[str, BeforeValidator(_region_prefix)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
