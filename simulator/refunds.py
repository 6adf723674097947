"""Refunds of what was bought before, from a bounded sample of recent purchases.

The sample keeps what is left of each purchase, so refunds stay valid however many a purchase has. Purchases
leave it by chance, so some refunds come weeks later, when the cohort of the purchase has long closed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from simulator.draws import Ints, below, chosen, from_quantiles
from simulator.purchases import SCHEMA, SECONDS_OF_DAY
from simulator.writing import DAY_SECONDS

SAMPLED_PER_REFUND: Final = 1.5
DAYS_KEPT: Final = 12
SMALLEST_SAMPLE: Final = 300
LARGEST_SAMPLE: Final = 1_000_000
FULL_SHARE: Final = 0.5

SAMPLE_SCHEMA: Final = SCHEMA | {
    "booked_day": pl.Int32,
    "amount_left_fen": pl.Int64,
    "voucher_left_fen": pl.Int64,
}


@dataclass
class RecentPurchases:
    """Purchases that were booked, and what is left of them (never null). Columns: SAMPLE_SCHEMA."""

    rows: pl.DataFrame

    @classmethod
    def none(cls) -> "RecentPurchases":
        """Before the first day."""
        return cls(pl.DataFrame(schema=SAMPLE_SCHEMA))

    def admit(self, purchases: pl.DataFrame, today: int) -> None:
        """Take in purchases booked on `today` (days since 1970)."""
        rows = purchases.with_columns(
            booked_day=pl.lit(today, dtype=pl.Int32),
            amount_left_fen="amount_fen",
            voucher_left_fen=pl.col("voucher_fen").fill_null(0),
        )
        self.rows = pl.concat([self.rows, rows])

    def forget(self, rng: np.random.Generator, most: int) -> None:
        """Drop purchases by chance until at most `most` are left."""
        if self.rows.height > most:
            self.rows = self.rows[np.sort(rng.permutation(self.rows.height)[:most])]

    def pick(self, rng: np.random.Generator, size: int) -> Ints:
        """Positions of up to `size` different purchases, in random order."""
        return rng.permutation(self.rows.height)[:size]

    def refund(self, rng: np.random.Generator, positions: Ints, today: int, first: int) -> pl.DataFrame:
        """Refunds booked today of the purchases at `positions`, numbered after `first`."""
        bought = self.rows[positions]
        amounts, vouchers = _parts(rng, bought["amount_left_fen"].to_numpy(), bought["voucher_left_fen"].to_numpy())
        self._take(positions, amounts, vouchers)
        return bought.select(
            number=pl.Series(first + 1 + np.arange(len(positions), dtype=np.int64)),
            kind=pl.lit("refund"),
            occurred=_moments(rng, bought["occurred"].to_numpy(), today),
            member_id="member_id",
            merchant_id="merchant_id",
            amount_fen=pl.Series(amounts),
            voucher_fen=pl.Series(vouchers).set(pl.Series(vouchers == 0), None),
            rate_basis_points=pl.lit(None, dtype=pl.Int64),
            original_number="number",
            original_day="booked_day",
            channel="channel",
        )

    def _take(self, positions: Ints, amounts: Ints, vouchers: Ints) -> None:
        taken = np.zeros((2, self.rows.height), dtype=np.int64)
        taken[0, positions], taken[1, positions] = amounts, vouchers
        self.rows = self.rows.with_columns(
            amount_left_fen=pl.col("amount_left_fen") - pl.Series(taken[0]),
            voucher_left_fen=pl.col("voucher_left_fen") - pl.Series(taken[1]),
        ).filter(pl.col("amount_left_fen") > 0)


def sample_sizes(refunds_per_day: int) -> tuple[int, int]:
    """How many purchases of a day are taken in, and how many are kept, for so many refunds a day."""
    per_day = int(refunds_per_day * SAMPLED_PER_REFUND) + 5
    return per_day, min(LARGEST_SAMPLE, max(SMALLEST_SAMPLE, per_day * DAYS_KEPT))


def _parts(rng: np.random.Generator, left: Ints, vouchers_left: Ints) -> tuple[Ints, Ints]:
    """What each refund returns: everything left, or a part with its part of the vouchers, rounded down.

    Rounding down keeps SPEC 3: never more vouchers returned than amount, never more left than amount left.
    """
    full = chosen(rng, len(left), FULL_SHARE)
    amounts = np.where(full, left, 1 + below(rng, 1 << 31, len(left)) * left // (1 << 31))
    amounts = np.minimum(amounts, left)
    return amounts, vouchers_left * amounts // left


def _moments(rng: np.random.Generator, bought: Ints, today: int) -> pl.Series:
    """Some time today, but after the purchase."""
    midnight = today * DAY_SECONDS
    moments = midnight + from_quantiles(rng, SECONDS_OF_DAY, len(bought)) % DAY_SECONDS
    return pl.Series(np.where(bought < moments, moments, np.minimum(bought + 60, midnight + DAY_SECONDS - 1)))
