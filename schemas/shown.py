"""Text as a person may see it: what steers a terminal, hides, or turns the reading direction is written as its escape.

Values of feeds, file names, rulebooks and arguments are data, and JSON has them as they are. Wherever a person reads
them (the terminal, a log, a page, a workbook) they pass through here.
"""

from typing import Final
from unicodedata import category

HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that are not seen but do something; surrogates are bytes that were no UTF-8."""
JOINERS: Final = "\u200c\u200d"
"""Needed to write some scripts and signs; they do nothing else."""


def is_hidden(character: str) -> bool:
    """Whether the character has to be escaped."""
    return category(character) in HIDDEN and character not in JOINERS


def shown(text: str) -> str:
    r"""The text on one line: `\x1b`, `\n`, `\u202e` in place of what cannot be seen; all else as it is."""
    if text.isprintable():
        return text
    return "".join(_escaped(one) if is_hidden(one) else one for one in text)


def shown_lines(text: str) -> str:
    """The same for a text of several lines: a line break stands if the next line is indented, as ours are.

    One that came with a value is escaped, so that no value can pass for a line of its own.
    """
    return "\n  ".join(shown(line) for line in text.split("\n  "))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
