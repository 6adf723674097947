"""Decimals of a rulebook: TOML strings, so that no binary float ever stands between the file and the integer."""

import re
from decimal import Decimal
from typing import Final

from pydantic import BeforeValidator

from schemas.rulebook.refusals import refused

AMOUNT_PLACES: Final = 2
RATE_PLACES: Final = 12
LONGEST: Final = 64


def decimal_text(units: int, places: int) -> str:
    """An integer of 10^-places as plain decimal text: `decimal_text(5_000_000_000, 12)` is `0.005`."""
    whole, fraction = divmod(abs(units), 10**places)
    digits = f"{fraction:0{places}d}".rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def _as_written(value: object) -> str:
    """The text of a bare TOML number of sensible length, or text as it is; empty for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ""
    number = Decimal(value)
    return f"{number:f}" if abs(number.adjusted()) < LONGEST else ""


def decimal_in_quotes(places: int, low: int, high: int) -> BeforeValidator:
    """Text such as `"0.05"` to an integer of 10^-places from `low` to `high`, both in that unit."""
    number = re.compile(rf"([0-9]{{1,20}})(?:\.([0-9]{{1,{places}}}))?")
    floor = "above 0" if low == 1 else f"from {decimal_text(low, places)}"
    allowed = (
        f"a decimal in quotes, {floor}, up to {decimal_text(high, places)}, with at most {places} decimals "
        "and no sign, exponent, separator or blank"
    )

    def parse(value: object) -> int:
        text = _as_written(value)
        found = number.fullmatch(text)
        units = int(found[1] + (found[2] or "").ljust(places, "0")) if found else -1
        if not low <= units <= high:
            raise refused(allowed)
        if text is not value:
            raise refused(f'{allowed} (write "{text}")')
        return units

    return BeforeValidator(parse)
