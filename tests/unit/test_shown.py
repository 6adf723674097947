"""Text as a person may see it: nothing that steers, hides or turns the text, all else as it is."""

import sys
from unicodedata import category

import pytest

from schemas.errors import SettleError
from schemas.shown import shown, shown_lines


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("积分 1,234.50 \u3000 é 😀 [bold]", "积分 1,234.50 \u3000 é 😀 [bold]"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\r\tc\x00\x7f\x9b", r"a\nb\r\tc\x00\x7f\x9b"),
        ("\u202e123\u2066\u200b\ufeff", r"\u202e123\u2066\u200b\ufeff"),
        ("line\u2028end\u2029", r"line\u2028end\u2029"),
        ("\udcff \U000e0041", r"\udcff \U000e0041"),
        ("नि\u200dज \u200c", "नि\u200dज \u200c"),
    ],
)
def test_what_cannot_be_seen_is_written_as_its_escape(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_every_character_there_is() -> None:
    for number in range(sys.maxunicode + 1):
        one = chr(number)
        if number in (0x200C, 0x200D) or category(one) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            continue
        assert shown(one).isascii()
        assert shown(one).startswith("\\")


def test_lines_of_ours_stand_and_those_of_values_do_not() -> None:
    assert shown_lines("two rows:\n  row a\nsettle: all is well\n  row b") == (
        "two rows:\n  row a\\nsettle: all is well\n  row b"
    )


def test_an_error_has_the_lines_that_it_made_itself() -> None:
    fault = SettleError("bad \x1b[2J id", where="a\nb.csv", todo="mend \u202eit")
    assert str(fault) == "bad \\x1b[2J id\n  where: a\\nb.csv\n  to do: mend \\u202eit"
    assert fault.where == "a\nb.csv"
