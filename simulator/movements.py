"""The optional feeds: coins spent in the mall, and what the platform has really paid out."""

from typing import Final

import numpy as np
import polars as pl

from simulator.draws import Ints, below, from_quantiles
from simulator.purchases import SECONDS_OF_DAY, first_number, voucher_means
from simulator.refunds import RecentPurchases
from simulator.world import World
from simulator.writing import DAY_SECONDS, as_text, day_number, decimal, moment

COINS_PER_HUNDRED: Final = 15
"""Coins spent at most for 100 yuan bought: what the lowest concession earns (3 %, five coins a yuan)."""
HUNDRED: Final = 100
BUYBACKS: Final = 5
SMALLEST_BUYBACK_FEN: Final = 100
COIN_FAULT_EVERY_DAYS: Final = 10
NOBODY: Final = "999999999999"
FAULTY_COINS: Final[tuple[dict[str, str], ...]] = (
    {"coins": "0.00"},  # bad_amount
    {"holder_id": NOBODY},  # unknown_member
    {"holder_kind": "merchant", "holder_id": NOBODY},  # unknown_merchant
    {"holder_kind": "agent"},  # malformed
)
FAULTY_PAYOUTS: Final[tuple[dict[str, str], ...]] = (
    {"holder_kind": "promoter", "holder_id": NOBODY},  # unknown_promoter
    {"holder_kind": "agent", "holder_id": NOBODY},  # unknown_agent
    {"holder_kind": "partner", "holder_id": NOBODY},  # unknown_partner
    {"holder_kind": "agent", "asset": "voucher"},  # malformed: no account takes it
    {"holder_kind": "member", "holder_id": NOBODY, "asset": "voucher"},  # unknown_member
    {"amount": "0.00"},  # bad_amount
)


def coin_redemptions(
    world: World, rng: np.random.Generator, day: int, recent: RecentPurchases, size: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coins spent by members who bought lately: good rows, and at times a faulty one as text."""
    spenders = recent.rows[recent.pick(rng, size)].filter(pl.col("amount_fen") * COINS_PER_HUNDRED >= HUNDRED)
    # 2^31 is as far as a draw reaches
    most = np.minimum(spenders["amount_fen"].to_numpy() * COINS_PER_HUNDRED // HUNDRED, 1 << 31)
    movements = spenders.select(
        holder_kind=pl.lit("member"), holder_id="member_id", fen=1 + pl.Series(below(rng, most, len(most)))
    )
    good = _stamped(world, rng, day, "C", movements).select(
        pl.col("id").alias("redemption_id"),
        *("occurred_at", "holder_kind", "holder_id"),
        decimal("fen", 2).alias("coins"),
    )
    turn, rest = divmod(day, COIN_FAULT_EVERY_DAYS)
    return good, _faulty(good, FAULTY_COINS[turn % len(FAULTY_COINS)] if rest == 0 else None)


def payouts(
    world: World, rng: np.random.Generator, day: int, recent: RecentPurchases, owed_fen: Ints
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What merchants are owed (fen by merchant index), paid and set to zero; some vouchers bought back."""
    merchants = np.flatnonzero(owed_fen > 0)
    paid = pl.DataFrame({"holder_id": merchants + 1, "fen": owed_fen[merchants]}).select(
        holder_kind=pl.lit("merchant"), holder_id="holder_id", asset=pl.lit("cash"), fen="fen"
    )
    owed_fen[merchants] = 0
    movements = pl.concat([paid, _buybacks(world, rng, day, recent)])
    good = _stamped(world, rng, day, "O", movements).select(
        pl.col("id").alias("payout_id"),
        *("occurred_at", "holder_kind", "holder_id", "asset"),
        decimal("fen", 2).alias("amount"),
    )
    return good, _faulty(good, FAULTY_PAYOUTS[day // 7 % len(FAULTY_PAYOUTS)])


def add_owed(world: World, owed_fen: Ints, rows: pl.DataFrame) -> None:
    """Add what good rows owe to merchants: the amount less the concession, at the merchant's first rate."""
    merchants = rows["merchant_id"].to_numpy() - 1
    signs = np.where((rows["kind"] == "refund").to_numpy(), -1, 1)
    kept = 10_000 - world.places.rate_basis_points[merchants]
    np.add.at(owed_fen, merchants, signs * (rows["amount_fen"].to_numpy() * kept // 10_000))


def _buybacks(world: World, rng: np.random.Generator, day: int, recent: RecentPurchases) -> pl.DataFrame:
    members = recent.rows[recent.pick(rng, BUYBACKS)]["member_id"].unique(maintain_order=True)
    limits = voucher_means(world, day)[(members.to_numpy() - 1) % len(world.people.slots)]
    return (
        pl.DataFrame({"holder_id": members, "fen": limits})
        .select(holder_kind=pl.lit("member"), holder_id="holder_id", asset=pl.lit("voucher"), fen="fen")
        .filter(pl.col("fen") >= SMALLEST_BUYBACK_FEN)
    )


def _stamped(world: World, rng: np.random.Generator, day: int, letter: str, movements: pl.DataFrame) -> pl.DataFrame:
    """Movements with an `id` and a time on the day, in the order of time."""
    size = movements.height
    seconds = np.sort(from_quantiles(rng, SECONDS_OF_DAY, size) % DAY_SECONDS)
    numbers = pl.Series(first_number(world, day) + 1 + np.arange(size, dtype=np.int64))
    midnight = day_number(world.spec.date_of(day)) * DAY_SECONDS
    return movements.with_columns(
        id=pl.lit(letter) + numbers.cast(pl.String),
        occurred_at=moment(pl.Series(midnight + seconds), world.spec.file_format),
    )


def _faulty(good: pl.DataFrame, changes: dict[str, str] | None) -> pl.DataFrame:
    """The first good row once more, under another id and spoilt by `changes`."""
    identity = pl.col(good.columns[0]) + "X"
    spoilt = [pl.lit(value).alias(column) for column, value in (changes or {}).items()]
    return as_text(good.head(0 if changes is None else 1)).with_columns(identity, *spoilt)
