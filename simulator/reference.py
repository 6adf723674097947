"""The reference feeds of people and places: members, merchants, bindings (SPEC 2)."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from simulator.draws import Ints, Stream, below, chosen, generator
from simulator.people import CHUNK, referrers
from simulator.places import REGION_CODES, draw_rates, draw_regions
from simulator.world import World
from simulator.writing import DAY_SECONDS, day_number, decimal, moment

REFERRED_SHARE: Final = 0.55
BOUND_SHARE: Final = 0.85
BOUND_AGAIN_SHARE: Final = 0.05
BINDING_DELAY_SECONDS: Final = 3 * DAY_SECONDS
FIRST_MEMBERS_DAYS_BEFORE: Final = 60
FIRST_MERCHANTS_DAYS_BEFORE: Final = 90
CHANGE_SHARE: Final = 0.1
CHANGE_ROUND_DAYS: Final = 120
MOVE_SHARE: Final = 0.15


def members(world: World) -> Iterator[pl.DataFrame]:
    """The members and their bindings, a chunk at a time: all columns of both, null where there is none."""
    for part, start in enumerate(range(0, world.spec.members, CHUNK)):
        rng = generator(world.spec.seed, Stream.PEOPLE, part + 1)
        indexes = np.arange(start, min(start + CHUNK, world.spec.members), dtype=np.int64)
        size = len(indexes)
        days = world.people.join_day(indexes)
        # whoever was there before has joined evenly over the weeks before, in the order of ids
        before = -FIRST_MEMBERS_DAYS_BEFORE + indexes * FIRST_MEMBERS_DAYS_BEFORE // int(world.people.joined[0])
        joined = _seconds(world, np.where(days < 0, before, days)) + below(rng, DAY_SECONDS, size)
        who, referred = referrers(rng, indexes, REFERRED_SHARE)
        bound = joined + 1 + below(rng, BINDING_DELAY_SECONDS, size)
        again = bound + DAY_SECONDS + below(rng, 60 * DAY_SECONDS, size)
        yield pl.DataFrame(
            {
                "member_id": indexes + 1,
                "joined": joined,
                "referrer_id": pl.Series(who + 1).set(pl.Series(~referred), None),
                "merchant_id": world.people.home[indexes].astype(np.int64) + 1,
                "bound": pl.Series(bound).set(pl.Series(~chosen(rng, size, BOUND_SHARE)), None),
                "second_merchant_id": world.places.draw(rng, int(world.places.joined[-1]), size) + 1,
                "bound_again": pl.Series(again).set(pl.Series(~chosen(rng, size, BOUND_AGAIN_SHARE)), None),
            }
        )


def member_rows(chunk: pl.DataFrame) -> pl.DataFrame:
    """members: member_id, joined_at, referrer_id."""
    return chunk.select("member_id", moment(chunk["joined"], "csv").alias("joined_at"), "referrer_id")


def binding_rows(chunk: pl.DataFrame) -> pl.DataFrame:
    """bindings: member_id, merchant_id, bound_at; first bindings, and the second ones of a few."""
    first = chunk.select("member_id", "merchant_id", "bound")
    second = chunk.select("member_id", merchant_id="second_merchant_id", bound="bound_again")
    # a second binding without a first would be a first one
    rows = pl.concat([first, second.filter(chunk["bound"].is_not_null())]).drop_nulls("bound")
    rows = rows.sort("member_id", "bound")
    return rows.select("member_id", "merchant_id", moment(rows["bound"], "csv").alias("bound_at"))


def merchants(world: World) -> pl.DataFrame:
    """merchants: merchant_id, valid_from, region_code, concession_rate; later rows change rates, or move."""
    rng = generator(world.spec.seed, Stream.REFERENCE, 1)
    indexes = np.arange(world.spec.merchants, dtype=np.int64)
    days = merchant_days(world)
    first = _merchant_rows(
        indexes,
        _seconds(world, days) + below(rng, DAY_SECONDS, len(indexes)),
        world.places.region,
        world.places.rate_basis_points,
    )
    rounds = range(0, world.spec.days, CHANGE_ROUND_DAYS)
    changes = [_changes(world, rng, days, start) for start in rounds]
    rows = pl.concat([first, *changes]).sort("merchant_id", "valid")
    return rows.select(
        "merchant_id",
        moment(rows["valid"], "csv").alias("valid_from"),
        pl.Series(REGION_CODES).gather(rows["region"]).alias("region_code"),
        decimal("rate_basis_points", 4).alias("concession_rate"),
    )


def merchant_days(world: World) -> Ints:
    """The day on which each merchant joins; negative before the first day."""
    indexes = np.arange(world.spec.merchants, dtype=np.int64)
    days = np.searchsorted(world.places.joined, indexes, side="right") - 1
    span = FIRST_MERCHANTS_DAYS_BEFORE - FIRST_MEMBERS_DAYS_BEFORE
    before = -FIRST_MERCHANTS_DAYS_BEFORE + indexes * span // int(world.places.joined[0])
    return np.where(days < 0, before, days)


def _changes(world: World, rng: np.random.Generator, joined: Ints, start: int) -> pl.DataFrame:
    """One round of changes, each at a midnight after the merchant's joining."""
    length = min(CHANGE_ROUND_DAYS, world.spec.days - start)
    days = start + below(rng, length, len(joined))
    changed = np.flatnonzero(chosen(rng, len(joined), CHANGE_SHARE) & (days > joined))
    moves = chosen(rng, len(changed), MOVE_SHARE)
    regions = np.where(moves, draw_regions(rng, len(changed)), world.places.region[changed])
    return _merchant_rows(changed, _seconds(world, days[changed]), regions, draw_rates(rng, len(changed)))


def _merchant_rows(indexes: Ints, valid: Ints, regions: Ints, rates: Ints) -> pl.DataFrame:
    return pl.DataFrame({"merchant_id": indexes + 1, "valid": valid, "region": regions, "rate_basis_points": rates})


def _seconds(world: World, days: Ints) -> Ints:
    """Midnight of days of the world, by Shanghai's clock."""
    return (day_number(world.spec.first_day) + days) * DAY_SECONDS
