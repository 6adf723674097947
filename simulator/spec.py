"""What a world is asked to be, and what was written."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from schemas.errors import UsageError

MERCHANTS_PER_PROMOTER = 40
FEWEST_PROMOTERS = 8
LARGEST = 2**63
MOST = {
    "members": 1_000_000_000,
    "merchants": 100_000_000,
    "days": 100_000,
    "transactions_per_day": 1_000_000_000,
    "rows_per_file": 1_000_000_000,
}
"""Of what there is at least one; beyond, no machine holds the world, or the calendar ends."""


@dataclass(frozen=True)
class WorldSpec:
    """The size, shape and seed of a world. Shares are of a day's rows; they steer chances, never amounts.

    `transactions_per_day` is the mean over the world's days; campaigns, seasons and `daily_growth` (the trend
    beneath them) move it. `late_share`: rows booked after their own day. `bad_share`: rows that intake has to
    quarantine; never more than 1 % of a day, whatever is asked. `promoters` None: one for 40 merchants.
    """

    members: int
    merchants: int
    days: int
    transactions_per_day: int
    seed: int
    first_day: date = date(2025, 1, 1)
    daily_growth: float = 0.0025
    refund_share: float = 0.03
    voucher_share: float = 0.03
    late_share: float = 0.005
    bad_share: float = 0.004
    row_rate_share: float = 0.01
    coin_share: float = 0.02
    promoters: int | None = None
    agents: int = 24
    rows_per_file: int = 1_000_000
    file_format: Literal["csv", "parquet"] = "csv"

    def __post_init__(self) -> None:
        """Refuse a world that cannot be drawn (UsageError, exit code 2)."""
        for name, most in MOST.items():
            if not 1 <= getattr(self, name) <= most:
                raise _refused(name, getattr(self, name), f"a whole number from 1 to {most:,}")
        for name in ("seed", "agents"):
            if not 0 <= getattr(self, name) < LARGEST:
                raise _refused(name, getattr(self, name), f"a whole number from 0 to {LARGEST - 1:,}")
        if self.promoters is not None and self.promoters < 1:
            raise _refused("promoters", self.promoters, "a whole number from 1, or nothing")
        for name in (
            "refund_share",
            "voucher_share",
            "late_share",
            "bad_share",
            "row_rate_share",
            "coin_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise _refused(name, getattr(self, name), "a share from 0 to 1")
        if self.file_format not in ("csv", "parquet"):
            raise _refused("file_format", self.file_format, "csv or parquet")

    @property
    def promoter_count(self) -> int:
        """How many promoters there are."""
        return self.promoters or max(FEWEST_PROMOTERS, self.merchants // MERCHANTS_PER_PROMOTER)

    def date_of(self, day: int) -> date:
        """The business date of a day index; 0 is `first_day`, negative ones lie before it."""
        return self.first_day + timedelta(days=day)


@dataclass(frozen=True)
class WorldSummary:
    """What was written: days, transaction rows (bad ones included), bytes and files of the whole world."""

    days: int
    rows: int
    bytes: int
    files: int


def _refused(name: str, value: object, allowed: str) -> UsageError:
    return UsageError(f"{name} is {value}", where="the world to simulate", todo=f"give {allowed}")
