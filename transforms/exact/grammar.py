"""The grammar of values: text of the landing zone to typed columns, exactly (SPEC 3, step 1).

Every function is one elementwise expression over a String column. Null in gives null out; text that is not of
the grammar gives null too, never an error, so that the caller may quarantine the row. Nothing is trimmed or
guessed: blanks, signs, exponents and separators that the grammar does not name make a value unreadable.

Regular expressions come first and casts second, because a cast alone takes more than the grammar allows
(``1e2``, ``.5``, ``+1``) and rounds what is too long.
"""

from functools import cache
from itertools import product
from typing import Final

import polars as pl

from schemas.units import MOMENT, WIDE

_SIGNED_WHOLE: Final = r"^-?[0-9]{1,16}"
_DECIMAL: Final = _SIGNED_WHOLE + r"(?:\.[0-9]+)?$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_OFFSET: Final = r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)$"
_NO_YEAR: Final = "0000"
_FEN_DECIMALS: Final = 2
_PICO_DECIMALS: Final = 12
_MINUTE_LENGTH: Final = len("2025-01-31T10:00")
_SECOND_LENGTH: Final = len("2025-01-31T10:00:00")
_MICROSECONDS: Final = 6
_MICROSECONDS_PER_MINUTE: Final = 60_000_000
_FIRST_MOMENT: Final = -62_135_596_800_000_000
_LAST_MOMENT: Final = 253_402_300_799_999_999


def parse_id(text: pl.Expr) -> pl.Expr:
    """Int64 from ``[0-9]+``, 1 to 2^63-1 by value (``007`` is 7); null if unreadable."""
    number = text.cast(pl.Int64, strict=False)
    # The cast reads an optional sign and digits, nothing else; a minus fails the comparison.
    return pl.when((number > 0) & ~text.str.starts_with("+")).then(number)


def parse_date(text: pl.Expr) -> pl.Expr:
    """Date from ``YYYY-MM-DD``, real dates from year 1 on; null if unreadable."""
    shaped = pl.when(_has_shape(text, _DATE + "$")).then(text)
    return shaped.str.to_date("%Y-%m-%d", strict=False)


def parse_moment(text: pl.Expr) -> pl.Expr:
    """Datetime('us', 'UTC') from an ISO 8601 timestamp with its offset; null if unreadable.

    ``YYYY-MM-DDThh:mm[:ss[.f]]`` and ``Z``, ``+hh:mm``, ``+hhmm`` or ``+hh`` (or minus). One to nine digits
    of a fraction are cut to microseconds. Hour 24, second 60, dates that no calendar has and moments outside
    the years 1 to 9999 of UTC are unreadable.
    """
    # The parts are read from any text and judged once: an expression that stands twice is worked out twice.
    microseconds = _local_seconds(text).cast(pl.Int64) + _fraction(text) - _offset(text)
    moment = _in_range(microseconds).cast(pl.Datetime("us")).dt.replace_time_zone(MOMENT.time_zone)
    return pl.when(_has_shape(text, _DATE + _CLOCK + _OFFSET)).then(moment)


def is_decimal(text: pl.Expr) -> pl.Expr:
    r"""Boolean: an amount or rate by the grammar, ``-?[0-9]{1,16}(\.[0-9]+)?``; null stays null."""
    return text.str.contains(_DECIMAL)


def parse_fen(text: pl.Expr) -> pl.Expr:
    """Int64 hundredths of a decimal; null if it is none or has more than two decimals in value.

    ``1.230`` is 123, ``1.234`` is null, ``9999999999999999.99`` is 999999999999999999: 16 digits always fit.
    """
    return _scaled(text, _FEN_DECIMALS).cast(pl.Int64)


def parse_pico(text: pl.Expr) -> pl.Expr:
    """Int128 in 10^-12 of a decimal; null if it is none or has more than twelve decimals in value."""
    return _scaled(text, _PICO_DECIMALS).cast(WIDE)


def _scaled(text: pl.Expr, decimals: int) -> pl.Expr:
    """The decimal times ten to the `decimals`. The pattern leaves the cast nothing to round."""
    exact = text.str.contains(_SIGNED_WHOLE + rf"(?:\.[0-9]{{1,{decimals}}}0*)?$")
    return pl.when(exact).then(text).cast(pl.Decimal(38, decimals), strict=False).to_physical()


def _has_shape(text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether the text has the shape and begins with a year that there was."""
    return text.str.contains(pattern) & ~text.str.starts_with(_NO_YEAR)


def _local_seconds(text: pl.Expr) -> pl.Expr:
    """The clock as written, to the second, without its zone; null where the calendar has no such date."""
    has_seconds = text.str.slice(_MINUTE_LENGTH, 1) == ":"
    seconds = pl.when(has_seconds).then(text.str.head(_SECOND_LENGTH))
    minutes = pl.when(~has_seconds).then(text.str.head(_MINUTE_LENGTH))
    return pl.coalesce(
        seconds.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us", cache=False),
        minutes.str.to_datetime("%Y-%m-%dT%H:%M", strict=False, time_unit="us", cache=False),
    )


def _fraction(text: pl.Expr) -> pl.Expr:
    """Microseconds after the second, further digits cut; 0 without a fraction."""
    has_fraction = text.str.slice(_SECOND_LENGTH, 1) == "."
    following = pl.when(has_fraction).then(text.str.slice(_SECOND_LENGTH + 1, _MICROSECONDS))
    digits = following.str.extract(r"^([0-9]+)").str.pad_end(_MICROSECONDS, "0")
    return digits.cast(pl.Int64).fill_null(0)


def _offset(text: pl.Expr) -> pl.Expr:
    """How far the written clock is ahead of UTC, in microseconds; null for what is no offset."""
    zone = text.str.slice(_MINUTE_LENGTH).str.strip_chars_start(":.0123456789")
    written, ahead = _offsets()
    return zone.replace_strict(written, ahead, default=None)


@cache
def _offsets() -> tuple[pl.Series, pl.Series]:
    """Every offset as it may be written, and what it means: looking up is faster than reading parts of a text."""
    minutes = {"Z": 0}
    for sign, hour, minute in product((1, -1), range(24), range(60)):
        written = f"{'+' if sign > 0 else '-'}{hour:02}"
        ahead = sign * (hour * 60 + minute)
        minutes |= {f"{written}:{minute:02}": ahead, f"{written}{minute:02}": ahead}
        if minute == 0:
            minutes[written] = ahead
    return pl.Series(list(minutes)), pl.Series(list(minutes.values())) * _MICROSECONDS_PER_MINUTE


def _in_range(microseconds: pl.Expr) -> pl.Expr:
    """Null outside the years 1 to 9999: what a Python datetime and a text of four digits can hold."""
    since_first = (microseconds - _FIRST_MOMENT).cast(pl.UInt64, strict=False).cast(pl.Int64)
    until_last = (since_first.neg() + (_LAST_MOMENT - _FIRST_MOMENT)).cast(pl.UInt64, strict=False)
    return until_last.cast(pl.Int64).neg() + _LAST_MOMENT
