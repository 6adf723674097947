"""Random draws that stay integers: tables of quantiles are made once, and rows pick from them.

Floats appear only where a table's weights are worked out; whatever reaches a written amount is an integer.
"""

from enum import IntEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WORD = 32
"""Bits of one raw draw."""
SLOTS = 1 << 16
"""Entries of a lookup table that a 16-bit draw points into."""


class Stream(IntEnum):
    """Independent random streams of one seed, so that a change to one leaves the others as they were."""

    PLACES = 1
    PEOPLE = 2
    REFERENCE = 3
    DAY = 4


def generator(seed: int, stream: Stream, part: int = 0) -> np.random.Generator:
    """The generator of a stream's part (a day, a chunk)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, part])))


def below(rng: np.random.Generator, limits: Ints | int, size: int) -> Ints:
    """`size` integers, each from 0 to its limit - 1; limits may be one number or one per draw, up to 2^31."""
    words = rng.integers(0, 1 << WORD, size, dtype=np.uint32).astype(np.int64)
    return (words * limits) >> WORD


def chosen(rng: np.random.Generator, size: int, share: float) -> Mask:
    """Which of `size` rows are picked, each with the chance `share`."""
    return rng.random(size, dtype=np.float32) < share


def bell(count: int, sigma: float) -> npt.NDArray[np.float64]:
    """`count` evenly spaced quantiles of a lognormal distribution with median 1, ascending."""
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((rank + 0.5) / count) for rank in range(count)])
    quantiles: npt.NDArray[np.float64] = np.exp(sigma * scores)
    return quantiles


def shares_of(weights: npt.NDArray[np.float64], total: int) -> Ints:
    """`total` handed out by weight in whole parts that sum to it exactly."""
    edges = np.floor(np.cumsum(weights) / weights.sum() * total + 0.5).astype(np.int64)
    edges[-1] = total
    parts: Ints = np.diff(edges, prepend=0)
    return parts


def from_quantiles(rng: np.random.Generator, table: Ints, size: int) -> Ints:
    """Draws from the distribution whose quantiles `table` holds, even between two neighbours."""
    slots = below(rng, len(table) - 1, size)
    lows: Ints = table[slots]
    return lows + below(rng, table[slots + 1] - lows + 1, size)


def joined_before(count: int, days: int, initial_share: float) -> Ints:
    """How many of `count` have joined before each day 0 ... `days`: some at first, then fast, then slowly."""
    first = min(count, max(2, int(count * initial_share)))
    steps = np.arange(days + 1, dtype=np.int64)
    # 1 - (1 - x)^2 in whole numbers
    return first + (count - first) * (days * days - (days - steps) ** 2) // (days * days)
