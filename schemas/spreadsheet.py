"""Text for a cell of a file that a person opens in a spreadsheet: it stays a text, whatever it begins with."""

from typing import Final

from schemas.shown import shown

FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula, full width too."""


def as_text(value: str) -> str:
    """The text without hidden characters, behind an apostrophe if a spreadsheet would take it for a formula."""
    text = shown(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
