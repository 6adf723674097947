"""How big each size is. Everything else about a world follows from these numbers."""

from dataclasses import dataclass, replace
from typing import Final

ALL: Final = 1000


@dataclass(frozen=True)
class Size:
    """`cohorts`: live cohorts of either pool once the measured event has paid; `interval`: days from event to event;
    `cohort_rows`: rows that a cohort is made from; `night_rows`: rows of a measured night. `history`: days of the short
    and of the long lake; `growth`: members as shares of this size's, per mille."""

    name: str
    members: int
    merchants: int
    night_rows: int
    cohorts: int
    interval: int
    cohort_rows: int
    backfill_days: int
    backfill_rows: int
    history: tuple[int, int]
    history_rows: int
    growth: tuple[int, ...] = (100, 300, ALL)

    def scaled(self, per_mille: int) -> "Size":
        """This size with `per_mille` of its members, and of all that goes with them."""
        if per_mille == ALL:
            return self
        names = ("members", "merchants", "night_rows", "cohort_rows")
        fewer = {name: max(1, getattr(self, name) * per_mille // ALL) for name in names}
        return replace(self, name=f"{self.name}-{per_mille}", **fewer)


_MAIN = (
    Size("XS", 10_000, 100, 5_000, 6, 3, 3_000, 8, 1_000, (5, 15), 1_000, (500, 1000)),
    Size("S", 1_000_000, 10_000, 500_000, 36, 11, 300_000, 60, 100_000, (30, 300), 20_000),
    Size("M", 10_000_000, 100_000, 5_000_000, 36, 11, 3_000_000, 365, 1_000_000, (30, 1_002), 20_000),
)
SIZES = {
    size.name: size for main in _MAIN for size in (main, *(main.scaled(share) for share in main.growth if share < ALL))
}
