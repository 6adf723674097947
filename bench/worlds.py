"""Worlds to measure on, drawn by the project's own simulator; only volumes and event days are set here.

An *events* world has an event of both pools every `interval` days: launch on its first day, and `earliest_day` =
`deadline_day` = interval. Growth then reaches the target or not, but the pools pay on the same nights, and the last
day of the world closes and pays the last cohort. Members are equally active, so that nearly all of them hold something
of a quarter of the cohorts.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from bench.sizes import Size
from simulator.day import Day, Memory
from simulator.draws import SLOTS, Ints, Stream, generator, shares_of
from simulator.people import People
from simulator.rules import rulebook
from simulator.simulator import write_day, write_reference
from simulator.spec import WorldSpec
from simulator.world import World, make_world
from simulator.writing import LandingWriter

SEED = 7
FIRST_DAY = date(2025, 1, 3)
"""So that no measured night of any size is the last of a month, when promoters and agents are paid as well."""
NO_EVENT = "9999999999"


def events_world(size: Size, out: Path) -> date:
    """Write it; returns its last day, the event night. The day before it is an ordinary night of as many rows."""
    days = (size.cohorts - 1) * size.interval + 1
    volumes = np.full(days, size.cohort_rows // size.interval, dtype=np.int64)
    volumes[0] = size.cohort_rows
    volumes[-2:] = size.night_rows
    return _write(size, volumes, out, launch="0.01", earliest_day=str(size.interval), deadline_day=str(size.interval))


def backfill_world(size: Size, days: int, out: Path) -> date:
    """Days of `backfill_rows` rows each under the simulator's own rulebook; returns the last."""
    return _write(size, np.full(days, size.backfill_rows, dtype=np.int64), out)


def history_world(size: Size, out: Path) -> date:
    """A long quiet history and two nights to measure: one of as few rows, and one of `night_rows`; returns the last.

    Pools never launch, so that both lakes owe a night the same; no voucher is paid, so none is spent.
    """
    volumes = np.full(size.history[1] + 2, size.history_rows, dtype=np.int64)
    volumes[-1] = size.night_rows
    return _write(size, volumes, out, voucher_share=0.0, launch=NO_EVENT, quarantine_limit="1")


def _write(size: Size, volumes: Ints, out: Path, *, voucher_share: float | None = None, **rules: str) -> date:
    spec = WorldSpec(
        members=size.members,
        merchants=size.merchants,
        days=len(volumes),
        transactions_per_day=int(volumes.mean()),
        seed=SEED,
        first_day=FIRST_DAY,
    )
    if voucher_share is not None:
        spec = replace(spec, voucher_share=voucher_share)
    last = spec.date_of(spec.days - 1)
    if (last + timedelta(days=1)).day == 1:
        raise ValueError(f"{last} ends a month: change FIRST_DAY or the size")
    made = make_world(spec)
    world = replace(made, volumes=volumes, people=_equally_active(made.people))
    writer = LandingWriter(out, "csv")
    writer.text(out / "rulebook.toml", _with_rules(rulebook(world), rules))
    write_reference(world, writer)
    _write_days(world, writer)
    return last


def _equally_active(people: People) -> People:
    classes = len(people.slots)
    slots = shares_of(np.ones(classes), SLOTS)
    return replace(people, slots=slots, class_of_slot=np.repeat(np.arange(classes, dtype=np.int64), slots))


def _write_days(world: World, writer: LandingWriter) -> None:
    memory = Memory.none(world.spec.merchants)
    for number in range(world.spec.days):
        write_day(Day(world, generator(SEED, Stream.DAY, number), number), memory, writer)


def _with_rules(text: str, rules: dict[str, str]) -> str:
    """The rulebook with every value of these keys replaced; quotes stay where they were."""
    for key, value in rules.items():
        text, count = re.subn(rf'^({key} = "?)[0-9.]+("?)$', rf"\g<1>{value}\g<2>", text, flags=re.MULTILINE)
        if not count:
            raise ValueError(f"the rulebook has no {key}")
    return text
