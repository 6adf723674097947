"""A backfill in pieces, one after another into one lake: a round is a piece, and its floors follow it at once.

A range of hours and its floor after it do not meet the same machine; a piece and its floor do, more nearly. What each
piece took is kept: a run that is cut off loses a piece, and the next one goes on.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from pathlib import Path

from bench import lakes
from bench.children import floor_of
from bench.contest import Result
from bench.floors import range_floor
from bench.jobs.ranges import range_world
from bench.lake_files import committed
from bench.measure import Usage
from bench.read_again import with_read_again
from bench.report import Report
from bench.setup import Bench, facts, told

NAMES = ("engine", "floor", "floor, with what is read again")


class Pieces:
    """Their roots, each a copy of the one before it, and the usages of NAMES for each piece that was measured."""

    def __init__(self, folder: Path, world: Path, days: Sequence[date]) -> None:
        self.folder, self.landing, self.rounds = folder, world / "landing", folder / "rounds.json"
        if not self.rounds.exists():
            shutil.rmtree(folder, ignore_errors=True)
            (lakes.new_root(self.root(0), world, days) / "lake").mkdir()
            self._keep([])

    def root(self, number: int) -> Path:
        """The root after so many pieces."""
        return self.folder / f"after-{number}"

    def kept(self) -> list[list[Usage]]:
        """What the pieces took, those of an earlier run too."""
        return [[Usage(**usage) for usage in usages] for usages in json.loads(self.rounds.read_text(encoding="utf-8"))]

    def measure(self, days: Sequence[date], limit: int | None) -> None:
        """The engine on the next piece, the floor of what it has added, and what that piece reads again."""
        kept = self.kept()
        before = (
            {Path(f.path).name for files in committed(self.root(len(kept))).values() for f in files} if kept else ()
        )
        root = lakes.copy_root(self.root(len(kept)), self.root(len(kept) + 1))
        engine = lakes.backfill(root, days[0], days[-1], limit)
        floor = self._floor(range_floor(self.landing, days, root, root, before))
        again = self._floor(with_read_again(_nothing(root), root, days[0]))
        self._keep([*kept, [engine, floor, floor.and_then(again)]])
        walls = ", ".join(f"{name} {usage.wall:.1f} s" for name, usage in zip(NAMES, self.kept()[-1], strict=True))
        told(f"piece {len(kept) + 1}, {days[0]} to {days[-1]}: {walls}")

    def _floor(self, job: Path) -> Usage:
        place = job.parent / "copied"
        place.mkdir(exist_ok=True)
        return floor_of(job, "--drop")(place)

    def _keep(self, rounds: Sequence[Sequence[Usage]]) -> None:
        self.rounds.write_text(json.dumps([[asdict(one) for one in usages] for usages in rounds]), encoding="utf-8")


def backfill_in_pieces(bench: Bench) -> list[Report]:
    """All days of a backfill in as many pieces as rounds were asked for."""
    most = bench.days or bench.size.backfill_days
    world, days = range_world(bench, most, most)
    pieces = pieces_of(days, bench.rounds)
    turns = Pieces(world.with_name(f"in-{len(pieces)}-pieces"), world, days)
    earlier = len(turns.kept())
    lines = [f"Pieces 1 to {earlier} were measured by an earlier run, which was cut off."] if earlier else []
    for piece in pieces[earlier:]:
        turns.measure(piece, bench.limit)
    results = [Result(name, list(rounds)) for name, rounds in zip(NAMES, zip(*turns.kept(), strict=True), strict=True)]
    turns.rounds.unlink()  # the next run measures anew
    job = f"backfill, {most} days in {len(pieces)} pieces"
    return [Report(job, bench.size.name, facts(turns.root(len(pieces))), results, lines=[*lines, *sums(results)])]


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


def _nothing(root: Path) -> Path:
    """The floor of no work, to which what is read again is added."""
    empty = root / "FLOOR-OF-NOTHING.json"
    empty.write_text('{"parse": [], "copy": []}', encoding="utf-8")
    return empty


def _spent(result: Result) -> tuple[list[float], float]:
    """Wall seconds of each round, CPU seconds of all."""
    return [usage.wall for usage in result.rounds], sum(usage.user + usage.system for usage in result.rounds)


def _listed(seconds: Sequence[float]) -> str:
    return ", ".join(f"{each:,.1f}" for each in seconds)
