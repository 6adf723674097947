"""How a rulebook is refused: a `PydanticCustomError` whose context says what is allowed.

`reading` adds file, key and value to it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from pydantic_core import PydanticCustomError


class Missing:
    """Stands where a required key is missing, so that its own kind of value says what is wanted."""


class Unknown(NamedTuple):
    """Stands for the value of a key that the table does not know, beside the keys that it knows."""

    value: object
    known: tuple[str, ...]


class Part(NamedTuple):
    """One fault between values: where below the validated key, what stands there, what is allowed."""

    location: tuple[int | str, ...]
    value: str
    allowed: str


MISSING: Final = Missing()


def refused(allowed: str) -> PydanticCustomError:
    """The refusal of one value; `allowed` says what may stand there."""
    return PydanticCustomError("refused", "{allowed}", {"allowed": allowed})


def refused_parts(parts: Sequence[Part]) -> PydanticCustomError:
    """The refusal of values that do not fit each other, one part per fault."""
    words = "; ".join(part.allowed for part in parts)
    return PydanticCustomError("refused", "{allowed}", {"allowed": words, "parts": tuple(parts)})
