"""One file's purchases, as integers: SPEC 2's columns before they are written out."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from simulator.draws import SLOTS, Ints, bell, below, chosen, from_quantiles
from simulator.places import draw_rates
from simulator.writing import DAY_SECONDS, day_number

if TYPE_CHECKING:
    from simulator.world import World

MEDIAN_ORDER_FEN: Final = 9_300
ORDER_SIGMA: Final = 0.92
ORDER_VALUES: Final = np.rint(bell(4097, ORDER_SIGMA) * MEDIAN_ORDER_FEN).astype(np.int64)
"""Quantiles of order values; median and spread as in the real orders."""
LONGEST_DELAY_DAYS: Final = 25
LOYAL_SHARE: Final = 0.35
HOURS: Final = (4, 2, 1, 1, 1, 2, 6, 16, 28, 38, 48, 66, 72, 56, 48, 46, 48, 60, 74, 84, 82, 66, 36, 14)
"""How busy each hour of a day is."""
SECONDS_OF_DAY: Final = np.interp(
    np.linspace(0, sum(HOURS), 4097), np.cumsum((0, *HOURS)), np.arange(25) * 3_600
).astype(np.int64)
CHANNELS: Final = pl.Series(["online"] * 9 + ["offline"] * 10 + [None], dtype=pl.String)
SMALLEST_VOUCHER_FEN: Final = 20
DAYS_BETWEEN_DIVIDENDS: Final = 15
NUMBERS_PER_DAY: Final = 10**9

SCHEMA: Final = {
    "number": pl.Int64,  # date and sequence; the id is P or R and this
    "kind": pl.String,
    "occurred": pl.Int64,  # seconds since 1970 by the clock of Shanghai
    "member_id": pl.Int64,
    "merchant_id": pl.Int64,
    "amount_fen": pl.Int64,
    "voucher_fen": pl.Int64,  # null: none
    "rate_basis_points": pl.Int64,  # null: the merchant's
    "original_number": pl.Int64,
    "original_day": pl.Int32,  # days since 1970
    "channel": pl.String,
}
"""A row as integers. The ids in it are those of SPEC 2 (index + 1)."""


def first_number(world: "World", day: int) -> int:
    """The number of a day's first transaction: its date, then a sequence."""
    return int(world.spec.date_of(day).strftime("%Y%m%d")) * NUMBERS_PER_DAY


def draw_purchases(world: "World", rng: np.random.Generator, day: int, first_sequence: int, size: int) -> pl.DataFrame:
    """`size` purchases booked on a day, in the order of time but for the late ones. Columns: SCHEMA."""
    days = day - _delays(world, rng, day, size)
    members = world.people.draw(rng, world.people.joined[days], size)
    merchants = _merchants(world, rng, days, members)
    amounts = np.maximum(1, from_quantiles(rng, ORDER_VALUES, size) * world.places.dearness_percent[merchants] // 100)
    own_rate = chosen(rng, size, world.spec.row_rate_share)
    vouchers = _vouchers(world, rng, day, members, amounts)
    return pl.DataFrame(
        {
            "number": first_number(world, day) + first_sequence + np.arange(1, size + 1, dtype=np.int64),
            "occurred": (day_number(world.spec.first_day) + days) * DAY_SECONDS
            + np.sort(from_quantiles(rng, SECONDS_OF_DAY, size) % DAY_SECONDS),
            "member_id": members + 1,
            "merchant_id": merchants + 1,
            "amount_fen": amounts,
            "voucher_fen": pl.Series(vouchers).set(pl.Series(vouchers == 0), None),
            "rate_basis_points": pl.Series(draw_rates(rng, size)).set(pl.Series(~own_rate), None),
            "channel": CHANNELS.gather(below(rng, len(CHANNELS), size)),
        }
    ).select(
        pl.col(name) if name not in _CONSTANTS else pl.lit(_CONSTANTS[name], dtype=dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


_CONSTANTS: Final[dict[str, str | None]] = {"kind": "purchase", "original_number": None, "original_day": None}


def _delays(world: "World", rng: np.random.Generator, day: int, size: int) -> Ints:
    """Days from a row's own day to this one: mostly none, seldom many, never back before the first day."""
    late = chosen(rng, size, world.spec.late_share)
    delays = np.zeros(size, dtype=np.int64)
    delays[late] = np.minimum(rng.geometric(0.3, int(late.sum())), min(day, LONGEST_DELAY_DAYS))
    return delays


def _merchants(world: "World", rng: np.random.Generator, days: Ints, members: Ints) -> Ints:
    """Where members buy: often at home, else wherever it is busy."""
    loyal = chosen(rng, len(members), LOYAL_SHARE)
    anywhere = world.places.draw(rng, world.places.joined[days], len(members))
    return np.where(loyal, world.people.home[members], anywhere).astype(np.int64)


def _vouchers(world: "World", rng: np.random.Generator, day: int, members: Ints, amounts: Ints) -> Ints:
    """What is paid with vouchers: by some, from about what their dividends can have brought them."""
    limits = np.minimum(voucher_means(world, day)[members % len(world.people.slots)], amounts)
    paying = chosen(rng, len(members), world.spec.voucher_share) & (limits >= SMALLEST_VOUCHER_FEN)
    vouchers = np.zeros(len(members), dtype=np.int64)
    vouchers[paying] = SMALLEST_VOUCHER_FEN + below(rng, limits[paying] - SMALLEST_VOUCHER_FEN + 1, int(paying.sum()))
    return vouchers


def voucher_means(world: "World", day: int) -> Ints:
    """Per activity class, a cautious guess of the fen that one use of a member's vouchers may take."""
    dividends = max(0, (day - world.launch_days[0]) // DAYS_BETWEEN_DIVIDENDS)
    sizes = (int(world.people.joined[day]) - np.arange(len(world.people.slots)) - 1) // len(world.people.slots) + 1
    points = world.points_before_fen(day) // SLOTS * world.people.slots // sizes
    # a dividend pays some 0.5 % of the points held; a quarter of that is spent at once
    return points * dividends // 800
