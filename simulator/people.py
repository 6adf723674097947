"""Members: when they join, how active they are, and the merchant where each feels at home."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.draws import SLOTS, Ints, Stream, bell, below, generator, joined_before, shares_of
from simulator.places import Places
from simulator.spec import WorldSpec

INITIAL_SHARE: Final = 0.4
ACTIVITY_CLASSES: Final = 1021
"""A prime, so that classes by remainder never line up with the buckets of a lake."""
ACTIVITY_SIGMA: Final = 1.1
CHUNK: Final = 1_000_000


@dataclass(frozen=True)
class People:
    """Members by index (member_id - 1), in the order of joining.

    `joined`: how many have joined before each day. A member's activity class is the index modulo their
    number; `slots` says how many of the 65,536 chances each class has, `class_of_slot` looks one up.
    `home`: the index of the merchant where the member bought first.
    """

    joined: Ints
    slots: Ints
    class_of_slot: Ints
    home: npt.NDArray[np.int32]

    def draw(self, rng: np.random.Generator, joined: Ints | int, size: int) -> Ints:
        """Member indexes, by activity, among the first `joined` (one number, or one per draw)."""
        classes = self.class_of_slot[rng.integers(0, SLOTS, size, dtype=np.uint16)]
        sizes = (joined - classes - 1) // len(self.slots) + 1
        return classes + len(self.slots) * below(rng, sizes, size)

    def join_day(self, members: Ints) -> Ints:
        """The day on which members join; -1 for those who were there before the first."""
        return np.searchsorted(self.joined, members, side="right") - 1


def make_people(spec: WorldSpec, places: Places) -> People:
    """Draw the members of a world."""
    joined = joined_before(spec.members, spec.days, INITIAL_SHARE)
    classes = min(ACTIVITY_CLASSES, int(joined[0]))
    rng = generator(spec.seed, Stream.PEOPLE)
    slots = shares_of(rng.permutation(bell(classes, ACTIVITY_SIGMA)), SLOTS)
    return People(
        joined=joined,
        slots=slots,
        class_of_slot=np.repeat(np.arange(classes, dtype=np.int64), slots),
        home=_homes(rng, joined, places),
    )


def _homes(rng: np.random.Generator, joined: Ints, places: Places) -> npt.NDArray[np.int32]:
    homes = np.empty(joined[-1], dtype=np.int32)
    for start in range(0, len(homes), CHUNK):
        members = np.arange(start, min(start + CHUNK, len(homes)), dtype=np.int64)
        days = np.maximum(0, np.searchsorted(joined, members, side="right") - 1)
        homes[start : start + CHUNK] = places.draw(rng, places.joined[days], len(members))
    return homes


def referrers(rng: np.random.Generator, members: Ints, share: float) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Who brought each member (always someone before: a tree), and who was brought by somebody at all."""
    early = below(rng, members, len(members))
    # the smaller of two draws: those who came first have brought the most
    return np.minimum(early, below(rng, members, len(members))), (
        (members > 0) & (rng.random(len(members), dtype=np.float32) < share)
    )
