"""A world before its first day: what every day draws from."""

from dataclasses import dataclass

from simulator.draws import Ints
from simulator.people import People, make_people
from simulator.places import Places, make_places
from simulator.purchases import ORDER_VALUES
from simulator.seasons import expected_rows
from simulator.spec import WorldSpec

CONSUMER_LAUNCH_DAY = 10
MERCHANT_LAUNCH_DAY = 20
SCALE_OF_RATE_AND_DEARNESS = 10**6


@dataclass(frozen=True)
class World:
    """The fixed part: `volumes` are the expected rows per day."""

    spec: WorldSpec
    places: Places
    people: People
    volumes: Ints

    @property
    def points_per_row_fen(self) -> int:
        """What a row is expected to bring into a pool, for thresholds that fit the world."""
        mean_order_fen = int(ORDER_VALUES.sum()) // len(ORDER_VALUES)
        return mean_order_fen * self.places.mean_rate_and_dearness // SCALE_OF_RATE_AND_DEARNESS

    def points_before_fen(self, day: int) -> int:
        """Expected value of a pool before a day."""
        return int(self.volumes[:day].sum()) * self.points_per_row_fen

    @property
    def launch_days(self) -> tuple[int, int]:
        """The days when the consumer and the merchant pool should launch; sooner in a short world."""
        days = self.spec.days
        return min(CONSUMER_LAUNCH_DAY, days // 4 + 1), min(MERCHANT_LAUNCH_DAY, days // 2 + 1)


def make_world(spec: WorldSpec) -> World:
    """Draw everything that does not belong to a day."""
    places = make_places(spec)
    return World(spec, places, make_people(spec, places), expected_rows(spec))
