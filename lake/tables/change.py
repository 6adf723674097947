"""What a run does to a table, as its record tells it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """What a run did to a table. `added`: path -> SHA-256 of the file; `removed`: paths that it names no more."""

    added: Mapping[str, str]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)
