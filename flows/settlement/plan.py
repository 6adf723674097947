"""Which days a run settles (SPEC 12, 14): decided before anything is read, from the folders and what is settled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from lake.landing.zone import Landing
from lake.runs.run import Run
from schemas.errors import InputMissingError, UsageError
from schemas.units import ONE_DAY

BLOCK_BYTES: Final = 320 * 2**20
"""Landing bytes of one block of days, for every four buckets: what is in memory at once, so that memory does not grow
with the range. Many members have a machine to match, and each block searches the days that its refunds name."""
BLOCK_DAYS: Final = 31
"""Days of a block that has LARGE_BYTES. A block's days share files, and whoever needs one of them reads its file whole;
merchants and earners have sums of each day in memory."""
LARGE_BYTES: Final = 32 * 2**20
"""Landing bytes whose files are worth being kept apart: reading fewer takes no time."""


@dataclass(frozen=True)
class Span:
    """Business dates first..last, in order. `rewound`: some of them were settled before."""

    first: date
    last: date
    rewound: bool

    @property
    def days(self) -> list[date]:
        """Every date of the span."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def nightly_span(last: date, landing: Landing, base: Run | None) -> Span | None:
    """Every unsettled day up to `last`; None if there is none. Raises InputMissingError (11) without any day folder."""
    first = base.last_settled + ONE_DAY if base else _first_day(landing)
    return Span(first, last, rewound=False) if first <= last else None


def backfill_span(first: date, last: date, landing: Landing, base: Run | None) -> Span:
    """first..last, with the unsettled days before it and the settled days after it.

    Raises UsageError (2) if first is after last.
    """
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}", todo="give the earlier day first")
    if base is None:
        return Span(min(first, _first_day(landing)), last, rewound=False)
    start = min(first, base.last_settled + ONE_DAY)
    return Span(start, max(last, base.last_settled), rewound=start <= base.last_settled)


def _first_day(landing: Landing) -> date:
    first = landing.first_day()
    if first is None:
        raise InputMissingError(
            "there is no transactions folder of any day",
            where=str(landing.folder / "transactions"),
            todo="deliver transactions/day=YYYY-MM-DD/, or point --root at the folder that holds landing/",
        )
    return first


def first_change(span: Span, days: pl.DataFrame, marks: Sequence[str]) -> Span | None:
    """`span` from the first day on that is not settled from the same feeds, reference data and rules; None if all are.

    `days`: the lake's days; `marks`: one fingerprint a day of the span, as `fingerprint_marks` makes them.
    """
    settled = dict(zip(days["business_date"], fingerprint_marks(days), strict=True))
    for day, mark in zip(span.days, marks, strict=True):
        if settled.get(day) != mark:
            # Days before the first settled one may be delivered late: what was settled after them follows from them.
            return Span(day, span.last, rewound=max(days["business_date"], default=day - ONE_DAY) >= day)
    return None


def fingerprint_marks(days: pl.DataFrame) -> list[str]:
    """What each settled day was made from, as one text."""
    columns = ("input_fingerprint", "reference_fingerprint", "rulebook_fingerprint")
    return days.select(pl.concat_str(columns, separator=" ")).to_series().to_list()


def blocks(days: Sequence[date], landing: Landing, buckets: int) -> Iterator[list[date]]:
    """Consecutive days in blocks of so many bytes at most, and of so many days if they are large; one day at least. No
    result depends on it."""
    block: list[date] = []
    size, most = 0, BLOCK_BYTES * max(1, buckets // 4)
    for day in days:
        more = landing.size(day)
        long = len(block) >= BLOCK_DAYS and size >= LARGE_BYTES
        if block and (long or size + more > most):
            yield block
            block, size = [], 0
        block.append(day)
        size += more
    if block:
        yield block
