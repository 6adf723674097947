"""Many days: a backfill from raw, and the same nights after few days and after many."""

from datetime import date
from pathlib import Path

from bench import lakes, worlds
from bench.children import floor_of, night_of, range_of
from bench.contest import Contender, contest
from bench.floors import range_floor
from bench.measure import Usage
from bench.read_again import with_read_again
from bench.report import Report, floor_parts
from bench.setup import ONE_DAY, Bench, facts, once, told


def backfill(bench: Bench) -> list[Report]:
    """From raw into an empty lake: a quarter of the days, and all; memory should be the same."""
    days = bench.days or bench.size.backfill_days
    return [_range(bench, count, days) for count in sorted({max(1, days // 4), days})]


def _range(bench: Bench, count: int, most: int) -> Report:
    world, days = range_world(bench, count, most)
    folder = world.parent
    settled = folder / f"settled-{count}"

    def engine(_: Path) -> Usage:
        return range_of(bench, world, days)(settled)

    def told_floor() -> Path:
        """By what the engine has left, so by its last turn."""
        return range_floor(world / "landing", days, settled, settled)

    def floor(place: Path) -> Usage:
        return floor_of(told_floor(), "--drop")(place)

    def larger_floor(place: Path) -> Usage:
        return floor_of(with_read_again(told_floor(), settled), "--drop")(place)

    contenders = [
        Contender("engine", engine),
        Contender("floor", floor),
        Contender("floor, with what is read again", larger_floor),
    ]
    results = contest(bench.wanted(contenders), bench.rounds, folder, warm=False)
    parts = floor_parts(settled / "read-again" / "FLOOR.json") or floor_parts(settled / "FLOOR.json")
    return Report(f"backfill, {count} days", bench.size.name, facts(settled), results, parts)


def range_world(bench: Bench, count: int, most: int) -> tuple[Path, list[date]]:
    """A world of `most` days, and the first `count` of them."""
    world = bench.folder(f"backfill-{most}") / "world"
    once(world, lambda: worlds.backfill_world(bench.size, most, world).isoformat())
    return world, lakes.range_of(worlds.FIRST_DAY, worlds.FIRST_DAY + (count - 1) * ONE_DAY)


def range_root(bench: Bench) -> tuple[Path, list[date]]:
    """An empty root over all days of a backfill, and the days."""
    most = bench.days or bench.size.backfill_days
    world, days = range_world(bench, most, most)
    return lakes.new_root(world.with_name("profiled"), world, days), days


def history(bench: Bench) -> list[Report]:
    """The same nights on a lake of few days and on one of many: first one of few rows, then one of many."""
    small, large, last = history_roots(bench)
    return [
        _nights(bench, "history, a night of few rows", small, last - ONE_DAY),
        _nights(bench, "history, an ordinary night", large, last),
    ]


def history_roots(bench: Bench) -> tuple[dict[int, Path], dict[int, Path], date]:
    """By the days that a lake has: roots before the night of few rows, and before the ordinary night after it; which
    is the date."""
    folder = bench.folder("history")
    last = date.fromisoformat(
        once(folder / "world", lambda: worlds.history_world(bench.size, folder / "world").isoformat())
    )
    small = {days: _lake(folder, days, last - ONE_DAY) for days in bench.size.history}
    large = {days: _one_more(root, last - ONE_DAY) for days, root in small.items()}
    return small, large, last


def _lake(folder: Path, days: int, night: date) -> Path:
    """A root whose lake ends on the eve of `night`."""
    root, first = folder / f"lake-{days}", night - days * ONE_DAY
    if not lakes.is_done(root):
        told(f"settling {days} days")
        lakes.backfill(
            lakes.new_root(root, folder / "world", lakes.range_of(first, night + ONE_DAY)), first, night - ONE_DAY
        )
        lakes.mark_done(root, night.isoformat())
    return root


def _one_more(root: Path, night: date) -> Path:
    """A root where that night is settled too."""
    later = root.with_name(f"{root.name}-and-one")
    if not lakes.is_done(later):
        lakes.night(lakes.copy_root(root, later), night)
        lakes.mark_done(later, night.isoformat())
    return later


def _nights(bench: Bench, job: str, roots: dict[int, Path], night: date) -> Report:
    folder = bench.folder("history")
    for root in roots.values():
        lakes.night(lakes.copy_root(root, folder / "settled"), night)
        lakes.know_reference(root, folder / "settled")
    contenders = [
        Contender(f"engine, lake of {days} days", night_of(bench, roots[days], night)) for days in sorted(roots)[::-1]
    ]
    return Report(job, bench.size.name, facts(roots[max(roots)]), contest(contenders, bench.rounds, folder))
