"""A backfill in pieces, one after another into one lake: a round is a piece, and its floors follow it at once.

A range of hours and its floor after it do not meet the same machine; a piece and its floor do, more nearly.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from bench import lakes
from bench.children import floor_of
from bench.contest import Contender, Result, contest
from bench.floors import range_floor
from bench.jobs.ranges import range_world
from bench.lake_files import committed
from bench.measure import Usage
from bench.read_again import with_read_again
from bench.report import Report
from bench.setup import Bench, facts


class Pieces:
    """The contenders: the engine settles the next piece, the floors are those of the piece that it has settled."""

    def __init__(self, world: Path, pieces: Sequence[Sequence[date]], limit: int | None) -> None:
        self.limit = limit
        self.root = lakes.new_root(world.with_name("in-pieces"), world, [day for days in pieces for day in days])
        self.left = iter(pieces)
        self.days: Sequence[date] = ()
        self.before: set[str] = set()

    def contenders(self) -> list[Contender]:
        """In their order: a floor is told from what the engine has left."""
        return [
            Contender("engine", self._settle),
            Contender("floor", self._floor),
            Contender("floor, with what is read again", self._larger_floor),
        ]

    def _settle(self, _: Path) -> Usage:
        self.before = {f.path for files in committed(self.root).values() for f in files} if self.days else set()
        self.days = next(self.left)
        return lakes.backfill(self.root, self.days[0], self.days[-1], self.limit)

    def _floor(self, place: Path) -> Usage:
        return floor_of(self._told(), "--drop")(place)

    def _larger_floor(self, place: Path) -> Usage:
        return floor_of(with_read_again(self._told(), self.root, self.days[0]), "--drop")(place)

    def _told(self) -> Path:
        folder = self.root / f"floor-of-{self.days[0]}"
        folder.mkdir(exist_ok=True)
        return range_floor(self.root / "landing", self.days, self.root, folder, self.before)


def backfill_in_pieces(bench: Bench) -> list[Report]:
    """All days of a backfill in as many pieces as rounds were asked for."""
    most = bench.days or bench.size.backfill_days
    world, days = range_world(bench, most, most)
    pieces = pieces_of(days, bench.rounds)
    turns = Pieces(world, pieces, bench.limit)
    results = contest(bench.wanted(turns.contenders()), len(pieces), turns.root.with_name("turns"), warm=False)
    job = f"backfill, {most} days in {len(pieces)} pieces"
    return [Report(job, bench.size.name, facts(turns.root), results, lines=list(sums(results)))]


def pieces_of(days: Sequence[date], count: int) -> list[Sequence[date]]:
    """Consecutive pieces, none of them empty, whose lengths differ by a day at most."""
    cuts = [len(days) * number // count for number in range(count + 1)]
    return [days[begin:end] for begin, end in pairwise(cuts) if begin < end]


def sums(results: Sequence[Result]) -> Iterator[str]:
    """What all pieces took together, and the ratio of each, the engine's first."""
    engine, *others = results
    walls, cpu = _spent(engine)
    yield f"All pieces, engine: {sum(walls):,.1f} s, CPU {cpu:,.1f} s ({_listed(walls)})"
    for other in others:
        theirs, cpu_of = _spent(other)
        ratios = [one / another for one, another in zip(walls, theirs, strict=True)]
        yield (
            f"All pieces, {other.name}: {sum(theirs):,.1f} s, CPU {cpu_of:,.1f} s ({_listed(theirs)}); "
            f"the engine takes {sum(walls) / sum(theirs):.2f} x (CPU {cpu / cpu_of:.2f} x), "
            f"piece by piece {', '.join(f'{r:.2f}' for r in ratios)}"
        )


def _spent(result: Result) -> tuple[list[float], float]:
    """Wall seconds of each round, CPU seconds of all."""
    return [usage.wall for usage in result.rounds], sum(usage.user + usage.system for usage in result.rounds)


def _listed(seconds: Sequence[float]) -> str:
    return ", ".join(f"{each:,.1f}" for each in seconds)
