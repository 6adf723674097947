"""Texts of the shipped rulebook with some of it changed, read or refused."""

from pathlib import Path

import pytest

from schemas.rulebook import SHIPPED, Rulebook, RulebookError, parse_rulebook

SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
ONE_VERSION = SHIPPED_TEXT[SHIPPED_TEXT.index("\n[[rules]]") :]
BOOK = Path("book.toml")
FIRST = "2019-01-01T00:00:00+08:00"
LATER = "2024-03-01T00:00:00+08:00"
TOP_PROMOTION = """
promotion = { monthly_points = "1", months = 1, single_month_points = "2" }
assessment = {"""
EAST = """
[[rules.pools]]
name = "east"
holder = "member"
launch = "1"
growth_target = "0.1"
earliest_day = 1
deadline_day = 1
baseline = "actual"
regions = ["31", "32"]
[rules.dividend]"""


def book_with(*changes: tuple[str, str], text: str = SHIPPED_TEXT) -> Rulebook:
    """The shipped rulebook with the first place of each text replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_rulebook(text, BOOK)


def faults(*changes: tuple[str, str], text: str = SHIPPED_TEXT) -> dict[str, str]:
    """The faults found, key without its version -> value and what is allowed."""
    with pytest.raises(RulebookError) as refusal:
        book_with(*changes, text=text)
    return {
        fault.key.removeprefix(f"rules[{FIRST}]."): f"{fault.value} {fault.allowed}" for fault in refusal.value.faults
    }


def versions(*starts: str, second: tuple[tuple[str, str], ...] = ()) -> str:
    """A book with the shipped rules from each start on, `second` changed in the second version."""
    texts = [ONE_VERSION.replace(FIRST, start, 1) for start in starts]
    for old, new in second:
        assert old in texts[1], old
        texts[1] = texts[1].replace(old, new, 1)
    return "\n".join(texts)
