"""What a peer, or the floor, is told: one JSON file that names every input, read by all of them alike.

It imports nothing of the engine: peers run under interpreters of their own.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

BUSINESS_DATE: Final = "business_date"


@dataclass(frozen=True)
class Stored:
    """A file of the lake before the night: its path, its partition's values, the business dates it may have rows of."""

    path: str
    partition: dict[str, str]
    days: Sequence[str] = ()

    def passes(self, name: str, test: Callable[[str], bool]) -> bool:
        """Whether the partition's value passes, or one of the business dates."""
        return any(map(test, self.days)) if name == BUSINESS_DATE else test(self.partition[name])


@dataclass(frozen=True)
class Task:
    """A night to settle over the lake as it stands. `tables`: the files that the last run names, by table."""

    day: date
    landing: Path
    rulebook: Path
    tables: dict[str, list[Stored]]

    def paths(self, table: str, **wanted: Callable[[str], bool]) -> list[str]:
        """Files of a table whose partition values pass every test; they may have rows of other days too."""
        stored = self.tables.get(table, [])
        return [f.path for f in stored if all(f.passes(name, test) for name, test in wanted.items())]

    def feed(self, name: str) -> list[str]:
        """The night's files of a feed."""
        return sorted(str(path) for path in (self.landing / name / f"day={self.day}").glob("*.csv"))

    def reference(self, name: str) -> str:
        """A reference file."""
        return str(self.landing / "reference" / f"{name}.csv")

    def write(self, path: Path) -> Path:
        """Keep it as JSON."""
        path.write_text(json.dumps(asdict(self), default=str), encoding="utf-8")
        return path


def read_task(path: Path) -> Task:
    """A task as `write` has kept it."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    tables = {name: [Stored(**f) for f in files] for name, files in kept["tables"].items()}
    return Task(date.fromisoformat(kept["day"]), Path(kept["landing"]), Path(kept["rulebook"]), tables)
