"""Many days: a backfill from raw, and the same night after few days and after many."""

from datetime import date

from bench import lakes, worlds
from bench.children import floor_of, night_of, range_of
from bench.contest import Contender, contest
from bench.floors import range_floor
from bench.report import Report, floor_parts
from bench.setup import ONE_DAY, Bench, facts, once


def backfill(bench: Bench) -> list[Report]:
    """From raw into an empty lake: a quarter of the days, and all; memory should be the same."""
    days = bench.days or bench.size.backfill_days
    return [_range(bench, count, days) for count in sorted({max(1, days // 4), days})]


def _range(bench: Bench, count: int, most: int) -> Report:
    folder, size = bench.folder(f"backfill-{most}"), bench.size
    once(folder / "world", lambda: worlds.backfill_world(size, most, folder / "world").isoformat())
    days = lakes.range_of(worlds.FIRST_DAY, worlds.FIRST_DAY + (count - 1) * ONE_DAY)
    settled = lakes.new_root(folder / f"settled-{count}", folder / "world", days)
    lakes.backfill(settled, days[0], days[-1])
    told = range_floor(folder / "world" / "landing", days, settled, settled)
    contenders = [
        Contender("engine", range_of(bench, folder / "world", days)),
        Contender("floor", floor_of(told)),
    ]
    results = contest(bench.wanted(contenders), bench.rounds, folder)
    return Report(f"backfill, {count} days", size.name, facts(settled), results, floor_parts(told))


def history(bench: Bench) -> list[Report]:
    """The same night on a lake of few days and on one of many; no pool launches, so both owe the night the same."""
    folder, (short, long) = bench.folder("history"), bench.size.history
    last = date.fromisoformat(
        once(folder / "world", lambda: worlds.history_world(bench.size, folder / "world").isoformat())
    )
    roots = {days: folder / f"lake-{days}" for days in (short, long)}
    for days, root in roots.items():
        if not lakes.is_done(root):
            first = last - days * ONE_DAY
            lakes.backfill(lakes.new_root(root, folder / "world", lakes.range_of(first, last)), first, last - ONE_DAY)
            lakes.mark_done(root, last.isoformat())
    settled = folder / "settled"
    for root in roots.values():
        lakes.night(lakes.copy_root(root, settled), last)
        lakes.know_reference(root, settled)
    contenders = [
        Contender(f"engine, lake of {days} days", night_of(bench, roots[days], last)) for days in (long, short)
    ]
    return [Report("history", bench.size.name, facts(roots[long]), contest(contenders, bench.rounds, folder))]
