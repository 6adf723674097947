"""The value grammar (SPEC 3, step 1), against a plain reading of it in Python, one string at a time."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.exact import grammar as parsing

BIGGEST_ID = 2**63 - 1


def plain_id(text: str) -> int | None:
    if not re.fullmatch(r"[0-9]+", text):
        return None
    number = int(text)
    return number if 1 <= number <= BIGGEST_ID else None


def plain_date(text: str) -> date | None:
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if parts is None:
        return None
    try:
        return date(*(int(part) for part in parts.groups()))
    except ValueError:
        return None


def plain_moment(text: str) -> int | None:
    """Microseconds since 1970 in UTC, in the years 1 to 9999."""
    parts = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
        r"(Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)",
        text,
    )
    if parts is None:
        return None
    day, hour, minute, second, fraction, _, sign, zone_hour, zone_minute = parts.groups(default="0")
    calendar = plain_date(day)
    clock = [int(hour), int(minute), int(second), int(zone_hour), int(zone_minute)]
    if calendar is None or any(value >= limit for value, limit in zip(clock, (24, 60, 60, 24, 60), strict=True)):
        return None
    local = datetime(calendar.year, calendar.month, calendar.day, *clock[:3], tzinfo=UTC)
    ahead = (clock[3] * 60 + clock[4]) * (-1 if sign == "-" else 1)
    seconds = (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) - ahead * 60
    moment = seconds * 10**6 + int((fraction + "000000")[:6])
    return moment if -62_135_596_800 * 10**6 <= moment < 253_402_300_800 * 10**6 else None


def plain_scaled(text: str, decimals: int) -> int | None:
    if not re.fullmatch(r"-?[0-9]{1,16}(\.[0-9]+)?", text):
        return None
    numerator, denominator = Decimal(text).as_integer_ratio()
    scaled, rest = divmod(numerator * 10**decimals, denominator)
    return None if rest else scaled


def read(expression: pl.Expr, texts: list[str | None]) -> list[Any]:
    return pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).select(expression).to_series().to_list()


TEXT = pl.col("text")
JUNK = st.text(max_size=12) | st.text(alphabet="0123456789+-.:TZ eE,_\n\0٣５", max_size=30)
TWO = st.integers(0, 99).map("{:02d}".format)
OFFSETS = st.one_of(
    st.just("Z"),
    st.builds("{}{}{}{}".format, st.sampled_from("+-"), TWO, st.sampled_from([":", ""]), TWO),
    st.builds("{}{}".format, st.sampled_from("+-"), TWO),
    st.sampled_from(["", "z", "+8", "+080", "+08:0", "+08:00:00", " +08:00", "+-8", "−08:00", "Z\n"]),
)
DATES = st.builds(
    "{:04d}-{}-{}".format,
    st.integers(0, 9999),
    st.sampled_from(["00", "01", "02", "04", "11", "12", "13"]),
    st.sampled_from(["00", "01", "28", "29", "30", "31", "32"]),
)
CLOCKS = st.builds(
    "{}:{}{}{}".format,
    st.sampled_from(["00", "07", "12", "19", "20", "23", "24", "7"]),
    st.sampled_from(["00", "30", "59", "60"]),
    st.sampled_from(["", ":00", ":59", ":60", ":5", ":"]),
    st.one_of(st.just(""), st.text(alphabet="0123456789", max_size=11).map(".{}".format)),
)
MOMENTS = st.builds("{}{}{}{}".format, DATES, st.sampled_from(["T", "T", "T", " ", "t"]), CLOCKS, OFFSETS)
WHOLES = st.integers(0, 10**18).map(str)
DECIMALS = st.one_of(
    WHOLES,
    st.builds("-{}".format, WHOLES),
    st.builds("{}.{}".format, WHOLES | WHOLES.map("-{}".format), st.text(alphabet="0129", max_size=16)),
    st.builds("{}.{}{}".format, WHOLES, st.sampled_from(["", "1", "23", "123456789012"]), st.just("0" * 50)),
)


@settings(max_examples=60)
@given(st.lists(st.none() | JUNK | WHOLES | st.integers(2**63 - 3, 2**64 + 3).map(str), max_size=30))
@example(["0", "+5", "-5", " 5", "5 ", "5.0", "1e3", "1_0", "007", "0" * 60 + "7", "5\n", "5\0", "５", ""])
@example([str(BIGGEST_ID), str(BIGGEST_ID + 1), "0" + str(BIGGEST_ID), "18446744073709551617", "9" * 400])
def test_an_id(texts: list[str | None]) -> None:
    expected = [None if text is None else plain_id(text) for text in texts]
    assert read(parsing.parse_id(TEXT), texts) == expected


@settings(max_examples=60)
@given(st.lists(st.none() | JUNK | DATES, max_size=30))
@example(["2024-02-29", "2023-02-29", "1900-02-29", "0000-01-01", "0001-01-01", "2024-1-02", "2024-01-02\n"])
@example([" 2024-01-02", "2024-01-02T", "+2024-01-01", "12024-01-01", "2024/01/02", "٢٠٢٤-01-02"])
def test_a_date(texts: list[str | None]) -> None:
    expected = [None if text is None else plain_date(text) for text in texts]
    assert read(parsing.parse_date(TEXT), texts) == expected


@settings(max_examples=150)
@given(st.lists(st.none() | JUNK | MOMENTS, max_size=30))
@example(["2024-01-02T03:04Z", "2024-01-02T03:04:05.5+0800", "2024-01-02T03:04-00:30", "2024-01-02T03:04+08"])
@example(["2024-01-02T03:04:05.123456999Z", "2024-01-02T03:04:05.1234567890Z", "2024-01-02T03:04:05.Z"])
@example(["1969-12-31T23:59:59.999999999Z", "0001-01-01T00:00+23:59", "9999-12-31T23:59:59.999999-23:59"])
@example(["2024-02-30T03:04Z", "2024-01-02T24:00Z", "2024-06-30T23:59:60Z", "2024-01-02T03:04:05+24:00"])
@example(["2024-01-02T03:04:05", "2024-01-02 03:04:05Z", "2024-01-02t03:04:05Z", "2024-01-02T03:04:05,5Z"])
@example(["2024-01-02T03:04:05Z\n", "2024-01-02T03:04:05+08:0", "2024-01-02T03:04:05 +08:00", "2024-01-02"])
def test_a_moment(texts: list[str | None]) -> None:
    expected = [None if text is None else plain_moment(text) for text in texts]
    assert read(parsing.parse_moment(TEXT).to_physical(), texts) == expected


@settings(max_examples=150)
@given(st.lists(st.none() | JUNK | DECIMALS, max_size=30))
@example(["1.23", "1.230", "1.235", "-0.05", "-0", "-0.00", ".5", "5.", "1e2", "+1", "--1", "1.2.3", "1,5", ""])
@example(
    [
        "9999999999999999.99",
        "-9999999999999999.99",
        "99999999999999999",
        "0000000000000001.10",
        "1." + "0" * 90,
    ]
)
@example(
    [
        "0." + "1" * 12,
        "0." + "1" * 13,
        "9999999999999999." + "9" * 12,
        "1.005",
        "Infinity",
        "NaN",
        " 1",
        "1\n",
    ]
)
def test_a_decimal(texts: list[str | None]) -> None:
    for parse, decimals in ((parsing.parse_fen, 2), (parsing.parse_pico, 12)):
        expected = [None if text is None else plain_scaled(text, decimals) for text in texts]
        assert read(parse(TEXT), texts) == expected
    grammar = [None if text is None else bool(re.fullmatch(r"-?[0-9]{1,16}(\.[0-9]+)?", text)) for text in texts]
    assert read(parsing.is_decimal(TEXT), texts) == grammar


@pytest.mark.parametrize(
    ("parse", "dtype"),
    [
        (parsing.parse_id, pl.Int64),
        (parsing.parse_date, pl.Date),
        (parsing.parse_moment, pl.Datetime("us", "UTC")),
        (parsing.is_decimal, pl.Boolean),
        (parsing.parse_fen, pl.Int64),
        (parsing.parse_pico, pl.Int128),
    ],
)
def test_name_and_type_hold_without_rows_and_with_only_nulls(parse: Any, dtype: pl.DataType) -> None:
    for texts in ([], [None, None], ["?"]):
        frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
        assert frame.select(parse(TEXT)).schema == {"text": dtype}
        assert frame.lazy().select(parse(TEXT)).collect(engine="streaming").schema == {"text": dtype}
