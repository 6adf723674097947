"""Merchants: when they join, where they stand, what they concede, how busy and how dear they are."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.draws import Ints, Stream, bell, below, generator, joined_before, shares_of
from simulator.spec import WorldSpec

# fmt: off
REGION_CODES: Final = (
    "310101", "310104", "310105", "310106", "310107", "310110", "310112", "310115", "330102", "330106",
    "330108", "330110", "330203", "330206", "330302", "330402", "430102", "430103", "430104", "430105",
    "430111", "430203", "430211", "430304", "440103", "440104", "440105", "440106", "440303", "440304",
    "440305", "440306", "440604", "441302", "510104", "510105", "510106", "510107", "510703", "110101",
    "110105", "110108", "110112", "320102", "320104", "320505", "320508", "320602", "420102", "420106",
    "420111", "420502", "500103", "500106", "610103", "610113", "350102", "350203", "370102", "370202",
)
# fmt: on
"""Counties and districts of some provinces and municipalities."""
REGION_SIGMA: Final = 0.8
BUSYNESS_SIGMA: Final = 1.6
"""As in the real orders: a tenth of the merchants has some six tenths of the rows."""
DEARNESS_SIGMA: Final = 0.35
INITIAL_SHARE: Final = 0.7
RATES_BASIS_POINTS: Final = np.repeat(
    np.array([300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 1750, 2000], dtype=np.int64),
    [2, 2, 6, 3, 2, 6, 7, 4, 3, 1, 2],
)
"""Concession rates as they are usually agreed on, the usual ones more often."""
WEIGHT_TOTAL: Final = (1 << 31) - 1


@dataclass(frozen=True)
class Places:
    """Merchants by index (merchant_id - 1), in the order of joining.

    `joined`: how many have joined before each day. `weight_before`: running total of their busyness.
    `rate_basis_points`, `region` (index of REGION_CODES): at joining. `dearness_percent` scales order values.
    """

    joined: Ints
    weight_before: Ints
    rate_basis_points: Ints
    dearness_percent: Ints
    region: Ints

    def draw(self, rng: np.random.Generator, joined: Ints | int, size: int) -> Ints:
        """Merchant indexes, by busyness, among the first `joined` (one number, or one per draw)."""
        picks = below(rng, self.weight_before[joined - 1], size)
        return np.searchsorted(self.weight_before, picks, side="right")

    @property
    def mean_rate_and_dearness(self) -> int:
        """Of the merchants there from the start, by busyness: mean of rate x dearness, in 10^-6."""
        first = int(self.joined[0])
        weights = np.diff(self.weight_before[:first], prepend=0)
        products = (weights * self.rate_basis_points[:first] * self.dearness_percent[:first]).tolist()
        total: int = sum(products)
        return total // int(weights.sum())


def make_places(spec: WorldSpec) -> Places:
    """Draw the merchants of a world."""
    rng = generator(spec.seed, Stream.PLACES)
    count = spec.merchants
    busyness = rng.permutation(bell(count, BUSYNESS_SIGMA))
    dearness = rng.permutation(bell(count, DEARNESS_SIGMA))
    return Places(
        joined=joined_before(count, spec.days, INITIAL_SHARE),
        # at least 1 each, or a world of one quiet merchant could not be drawn from
        weight_before=np.cumsum(shares_of(busyness, WEIGHT_TOTAL - count) + 1),
        rate_basis_points=draw_rates(rng, count),
        dearness_percent=np.maximum(10, np.rint(dearness * 100).astype(np.int64)),
        region=draw_regions(rng, count),
    )


def draw_rates(rng: np.random.Generator, size: int) -> Ints:
    """Concession rates in 10^-4, within the bounds of the shipped rules."""
    return RATES_BASIS_POINTS[below(rng, len(RATES_BASIS_POINTS), size)]


def draw_regions(rng: np.random.Generator, size: int) -> Ints:
    """Indexes of REGION_CODES, some regions far more often than others."""
    # a fixed order of sizes that has nothing to do with the order of codes
    weights = np.roll(bell(len(REGION_CODES), REGION_SIGMA)[::-1], 7)
    return np.searchsorted(np.cumsum(shares_of(weights, WEIGHT_TOTAL)), below(rng, WEIGHT_TOTAL, size), "right")
