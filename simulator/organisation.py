"""The reference feeds of the field organisation: promoters, agents, partners (SPEC 2, 8, 9)."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from simulator.draws import Ints, Stream, below, chosen, generator, joined_before
from simulator.places import REGION_CODES
from simulator.reference import FIRST_MERCHANTS_DAYS_BEFORE, merchant_days
from simulator.world import World
from simulator.writing import decimal

FIRST_DAY: Final = -FIRST_MERCHANTS_DAYS_BEFORE
INITIAL_SHARE: Final = 0.8
MENTORED_SHARE: Final = 0.85
NEW_MENTOR_SHARE: Final = 0.08
EXPERIENCED_SHARE: Final = 0.1
PROMOTED_SHARE: Final = 0.93
REASSIGNED_SHARE: Final = 0.08
LEFT_ALONE_SHARE: Final = 0.2
HANDOVER_SHARE: Final = 0.25
PREFIXES_PER_SECOND_POST: Final = 6
MOST_PARTNERS: Final = 3
PARTNER_SHARES_PERCENT: Final = (5, 10, 15, 20, 25, 30)
"""Three partners stay below 1, whatever each of them has."""
NONE_YET: Final = pl.lit(None, dtype=pl.Int64)


def promoters(world: World) -> pl.DataFrame:
    """promoters: promoter_id, valid_from, mentor_id, starting_level. Mentors have smaller ids: no cycles."""
    rng = generator(world.spec.seed, Stream.REFERENCE, 2)
    ids = np.arange(1, world.spec.promoter_count + 1, dtype=np.int64)
    days = _promoter_days(world)
    first = pl.DataFrame(
        {
            "promoter_id": ids,
            "day": days,
            "mentor_id": _mentors(rng, ids, MENTORED_SHARE),
            "starting_level": pl.Series(["trainee"] * len(ids)).set(
                pl.Series(~chosen(rng, len(ids), EXPERIENCED_SHARE)), None
            ),
        }
    )
    later = below(rng, world.spec.days, len(ids))
    change = pl.DataFrame(
        {"promoter_id": ids, "day": later, "mentor_id": _mentors(rng, ids, 1 - LEFT_ALONE_SHARE)}
    ).filter(pl.Series(chosen(rng, len(ids), NEW_MENTOR_SHARE) & (later > days)))
    rows = pl.concat([first, change], how="diagonal").sort("promoter_id", "day")
    return rows.select("promoter_id", _date(world, "day").alias("valid_from"), "mentor_id", "starting_level")


def merchant_promoters(world: World) -> pl.DataFrame:
    """merchant_promoters: merchant_id, promoter_id, valid_from; some change hands, some are given up."""
    rng = generator(world.spec.seed, Stream.REFERENCE, 3)
    joined = merchant_days(world)
    first = _assignments(world, rng, joined).filter(pl.Series(chosen(rng, len(joined), PROMOTED_SHARE)))
    later = below(rng, world.spec.days, len(joined))
    given_up = pl.Series(chosen(rng, len(joined), LEFT_ALONE_SHARE))
    change = _assignments(world, rng, later).with_columns(
        promoter_id=pl.when(given_up).then(NONE_YET).otherwise("promoter_id")
    )
    change = change.filter(pl.Series(chosen(rng, len(joined), REASSIGNED_SHARE) & (later > joined)))
    rows = pl.concat([first, change]).sort("merchant_id", "day")
    return rows.select("merchant_id", "promoter_id", _date(world, "day").alias("valid_from"))


def agents(world: World) -> pl.DataFrame:
    """agents: agent_id, region_prefix, valid_from, valid_to. One agent per prefix and day; some hand over."""
    rng = generator(world.spec.seed, Stream.REFERENCE, 4)
    prefixes = sorted({code[:length] for code in REGION_CODES for length in (2, 4, 6)})
    picked = [prefixes[position] for position in rng.permutation(len(prefixes))[: world.spec.agents]]
    handed_over = chosen(rng, len(picked), HANDOVER_SHARE)
    rows: list[tuple[int, str, date, date | None]] = []
    start = world.spec.date_of(FIRST_DAY)
    for number, prefix in enumerate(picked, start=1):
        # every so often one agent holds a second post
        agent = number - 1 if number % PREFIXES_PER_SECOND_POST == 0 else number
        if not handed_over[number - 1]:
            rows.append((agent, prefix, start, None))
            continue
        last = int(below(rng, world.spec.days, 1)[0])
        rows.append((agent, prefix, start, world.spec.date_of(last)))
        rows.append((len(picked) + number, prefix, world.spec.date_of(last + 1), None))
    schema = {"agent_id": pl.Int64, "region_prefix": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("agent_id", "region_prefix")


def partners(world: World, agent_rows: pl.DataFrame) -> pl.DataFrame:
    """partners: agent_id, partner_id, share, valid_from, valid_to. Shares stay below 1; some change."""
    rng = generator(world.spec.seed, Stream.REFERENCE, 5)
    rows: list[tuple[int, int, int, date, date | None]] = []
    start = world.spec.date_of(FIRST_DAY)
    for agent in agent_rows["agent_id"].unique().sort().to_list():
        for partner in range(int(below(rng, MOST_PARTNERS + 1, 1)[0])):
            before, after = (PARTNER_SHARES_PERCENT[pick] for pick in below(rng, len(PARTNER_SHARES_PERCENT), 2))
            identity = agent * 10 + partner
            if rng.random() >= HANDOVER_SHARE:
                rows.append((agent, identity, before, start, None))
                continue
            last = int(below(rng, world.spec.days, 1)[0])
            rows.append((agent, identity, before, start, world.spec.date_of(last)))
            rows.append((agent, identity, after, world.spec.date_of(last + 1), None))
    schema = {
        "agent_id": pl.Int64,
        "partner_id": pl.Int64,
        "percent": pl.Int64,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select("agent_id", "partner_id", decimal("percent", 2).alias("share"), "valid_from", "valid_to")


def _promoter_days(world: World) -> Ints:
    """The day from which each promoter takes part: most from the start."""
    joined = joined_before(world.spec.promoter_count, world.spec.days, INITIAL_SHARE)
    days = np.searchsorted(joined, np.arange(world.spec.promoter_count), side="right") - 1
    return np.where(days < 0, FIRST_DAY, days)


def _mentors(rng: np.random.Generator, ids: Ints, share: float) -> pl.Series:
    """A promoter with a smaller id for each, or none."""
    mentored = chosen(rng, len(ids), share) & (ids > 1)
    return pl.Series(1 + below(rng, np.maximum(1, ids - 1), len(ids))).set(pl.Series(~mentored), None)


def _assignments(world: World, rng: np.random.Generator, days: Ints) -> pl.DataFrame:
    """A promoter for every merchant, among those who take part by `days`; the first have the most."""
    there = np.searchsorted(np.sort(_promoter_days(world)), days, side="right")
    picks = np.minimum(below(rng, there, len(days)), below(rng, there, len(days)))
    return pl.DataFrame(
        {"merchant_id": np.arange(1, len(days) + 1, dtype=np.int64), "promoter_id": picks + 1, "day": days}
    )


def _date(world: World, column: str) -> pl.Expr:
    return pl.lit(world.spec.first_day) + pl.duration(days=pl.col(column))
