"""The comparison of `settle verify` (SPEC 14): all tables of two lakes, and what is to be said of their differences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.posting import restated_days
from flows.verify.parts import History, Part
from lake.draft.draft import Draft
from schemas.errors import ControlFailedError
from schemas.tables import DAYS
from transforms.corrections.comparison import Difference, added, changed_days, difference, differing

UNREADABLE: Final = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What reading a damaged file raises."""
SHOWN: Final = 10
"""Faults that a message names; with --json all are told."""


@dataclass
class Verification:
    """What a verification has found. `rows`: stored rows compared; `tables`: tables compared.

    `differences`: of each table that differs; `faults`: changed feeds, and what cannot be read; `notes`: what may
    explain a difference, but is none.
    """

    first: date
    last: date
    days: int
    tables: int = 0
    rows: int = 0
    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """Whether all that is stored is what it should be."""
        return not self.differences and not self.faults


class HistoryDiffersError(ControlFailedError):
    """The stored history is not what the feeds and the rules give; `found` says what is different."""

    def __init__(self, found: Verification, where: Path) -> None:
        lines = [*_shortened(found.faults), *map(str, found.differences), *found.notes]
        super().__init__(
            "\n  ".join(
                [f"what is stored of {found.first} to {found.last} is not what its recomputation gives:", *lines]
            ),
            where=str(where),
            todo="a feed, the reference data or the rulebook that has changed: put it back, or take it over with "
            "`settle backfill`; a hand in the lake: restore it from a backup",
        )
        self.found = found
        self.every = tuple(found.table for found in found.differences)


def compared(stored: Draft, recomputed: Draft, found: Verification) -> Verification:
    """All tables of both sides, entered into `found`."""
    restated: frozenset[date] = frozenset()
    try:
        restated = restated_days(stored)
        _remark(stored.small(DAYS), recomputed.small(DAYS), found)
    except (ControlFailedError, *UNREADABLE):
        pass  # told when the table's turn comes
    for parts in History(stored, recomputed, restated).tables():
        found.tables += 1
        _compare(parts, found)
    return found


def _compare(parts: Iterable[Part], found: Verification) -> None:
    """One table; a part that cannot be read does not keep the others from being compared."""
    whole: Difference | None = None
    try:
        for part in parts:
            whole = added(whole, _difference(part, found))
    except (ControlFailedError, *UNREADABLE) as fault:
        found.faults.append(fault.what if isinstance(fault, ControlFailedError) else str(fault))
    if whole is not None:
        found.differences.append(whole)


def _difference(part: Part, found: Verification) -> Difference | None:
    recomputed = part.recomputed.collect()
    try:
        stored = part.stored.collect()
    except UNREADABLE as fault:
        found.faults.append(f"{part.table.name} cannot be read, {part.where}: {fault}")
        return None
    found.rows += stored.height
    return difference(part.table, differing(stored, recomputed))


def _remark(stored: pl.DataFrame, recomputed: pl.DataFrame, found: Verification) -> None:
    """Feeds must be as they were; rules and reference data may have grown, and often are to blame."""
    feeds = changed_days(stored, recomputed, "input_fingerprint")
    found.faults += [f"the feed of {day} has changed since it was settled" for day in feeds]
    for what, column in (
        ("another rulebook", "rulebook_fingerprint"),
        ("other reference data", "reference_fingerprint"),
    ):
        days = changed_days(stored, recomputed, column)
        if days:
            found.notes.append(f"{len(days):,} days were settled with {what} than is there now: {_listed(days)}")


def _listed(days: Sequence[date]) -> str:
    return f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _shortened(faults: Sequence[str]) -> list[str]:
    more = len(faults) - SHOWN
    return [*faults[:SHOWN], *([f"... and {more:,} more"] if more > 0 else [])]
