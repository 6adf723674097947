"""Reading a simulated world as text, by the standard library alone."""

import csv
from datetime import date
from pathlib import Path

from simulator import WorldSpec

Row = dict[str, str]
SPEC = WorldSpec(members=600, merchants=40, days=70, transactions_per_day=450, seed=11)
"""The world that the tests of the simulator share."""


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference(landing: Path, name: str) -> list[Row]:
    return read_rows(landing / "reference" / f"{name}.csv")


def days_of(landing: Path) -> list[tuple[date, Path]]:
    folders = sorted((landing / "transactions").iterdir())
    return [(date.fromisoformat(folder.name.removeprefix("day=")), folder) for folder in folders]


def rows_of(folder: Path) -> list[Row]:
    return [row for file in sorted(folder.glob("*.csv")) for row in read_rows(file)]
