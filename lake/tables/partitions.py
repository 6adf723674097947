"""Values of partitions as names of folders, and back: here and nowhere else.

`bucket=0` and `pool=consumer` are what they say. Any other value, of whatever script, length in bytes or case, becomes
`~` and its code points in base 64, 21 bits each: 64 of them are 224 characters of ASCII, which every file system takes,
and neither Polars, Delta nor DuckDB decodes.
"""

import base64
import re
from collections.abc import Iterable
from typing import Final

MARK: Final = "~"
_PLAIN: Final = re.compile(r"(?!__HIVE_DEFAULT_PARTITION__$)[A-Za-z0-9_-]{1,200}")
"""That one would be read as no value."""
_BITS: Final = 21
"""Of a code point."""


def folder_name(column: str, value: object) -> str:
    """The folder of a partition. Values of at most 64 characters have names that file systems take."""
    text = str(value)
    return f"{column}={text if _PLAIN.fullmatch(text) else MARK + _packed(text)}"


def partition_value(folder: str) -> tuple[str, str]:
    """Column and value of a partition, by the name of its folder."""
    column, _, text = folder.partition("=")
    return column, _unpacked(text.removeprefix(MARK)) if text.startswith(MARK) else text


def other_texts(paths: Iterable[str]) -> dict[str, str]:
    """Values that are not written as themselves in the folders of these files, by how they are written."""
    folders = {folder for path in paths if f"={MARK}" in path for folder in path.split("/")[:-1]}
    return {text: partition_value(folder)[1] for folder in folders if (text := folder.partition("=")[2])[:1] == MARK}


def _packed(text: str) -> str:
    # A leading one keeps the zeros that follow it.
    number = 1
    for character in text:
        number = number << _BITS | ord(character)
    raw = number.to_bytes(-(-number.bit_length() // 8))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(packed: str) -> str:
    number = int.from_bytes(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    places = range((number.bit_length() - 1) // _BITS - 1, -1, -1)
    return "".join(chr(number >> _BITS * place & (1 << _BITS) - 1) for place in places)
