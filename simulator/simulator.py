"""The world, day by day: draw, write, remember a little."""

from collections.abc import Callable
from pathlib import Path

from schemas.errors import UsageError
from simulator import movements, organisation, reference
from simulator.day import Day, Memory, transactions_of_a_day
from simulator.draws import Stream, generator
from simulator.rules import rulebook
from simulator.spec import WorldSpec, WorldSummary
from simulator.world import World, make_world
from simulator.writing import LandingWriter

Progress = Callable[[int, int, str], None]
MONDAY = 0
ONLY_FILE = "part-0000"


def simulate(spec: WorldSpec, out: Path, progress: Progress | None = None) -> WorldSummary:
    """Write a world below `out`: landing/ with all feeds of SPEC 2, and rulebook.toml (SPEC 11).

    `progress` is told (days done, days in all, what has just been written). UsageError (exit code 2) if `out`
    already has a landing zone or a rulebook. Same spec, same bytes.
    """
    for name, what in (("landing", "a landing zone"), ("rulebook.toml", "a rulebook")):
        if (out / name).exists():
            raise UsageError(f"there is {what} already", where=str(out / name), todo="name another folder")
    world = make_world(spec)
    writer = LandingWriter(out, spec.file_format)
    writer.text(out / "rulebook.toml", rulebook(world))
    write_reference(world, writer)
    memory = Memory.none(spec.merchants)
    for number in range(spec.days):
        write_day(Day(world, generator(spec.seed, Stream.DAY, number), number), memory, writer)
        if progress:
            progress(number + 1, spec.days, spec.date_of(number).isoformat())
    return WorldSummary(spec.days, memory.rows, writer.bytes, writer.files)


def write_reference(world: World, writer: LandingWriter) -> None:
    """Write the reference feeds."""
    folder = writer.root / "landing" / "reference"
    # once for each file: drawing a chunk again is cheaper than keeping ten million members
    writer.csv(folder / "members.csv", map(reference.member_rows, reference.members(world)))
    writer.csv(folder / "bindings.csv", map(reference.binding_rows, reference.members(world)))
    writer.csv(folder / "merchants.csv", [reference.merchants(world)])
    writer.csv(folder / "promoters.csv", [organisation.promoters(world)])
    writer.csv(folder / "merchant_promoters.csv", [organisation.merchant_promoters(world)])
    agents = organisation.agents(world)
    writer.csv(folder / "agents.csv", [agents])
    writer.csv(folder / "partners.csv", [organisation.partners(world, agents)])


def write_day(day: Day, memory: Memory, writer: LandingWriter) -> None:
    """Write all feeds of a day. On Mondays merchants are paid what they were owed when the day began."""
    if day.date.weekday() == MONDAY:
        paid = movements.payouts(day.world, day.rng, day.number, memory.recent, memory.owed_fen)
        writer.feed("payouts", day.date, ONLY_FILE, *paid)
    transactions_of_a_day(day, memory, writer)
    size = int(day.world.volumes[day.number] * day.world.spec.coin_share)
    spent = movements.coin_redemptions(day.world, day.rng, day.number, memory.recent, size)
    writer.feed("coin_redemptions", day.date, ONLY_FILE, *spent)
