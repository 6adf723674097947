"""The measured children: the engine's commands, the floor, the peers. Each gets a fresh folder, returns its usage."""

import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from bench import lakes
from bench.measure import Usage, run
from bench.setup import Bench

REPOSITORY = Path(__file__).parents[1]

Child = Callable[[Path], Usage]


def night_of(bench: Bench, base: Path, day: date, *, known: bool = True) -> Child:
    """`settle nightly --direct` on a copy of `base`, which is left in `root`. `known`: the reference files are those of
    the night before."""

    def settle(place: Path) -> Usage:
        root = lakes.copy_root(base, place / "root")
        if not known:
            lakes.forget_reference(root)
        return lakes.night(root, day, bench.limit)

    return settle


def range_of(bench: Bench, world: Path, days: Sequence[date]) -> Child:
    """`settle backfill --direct` of days of a world into an empty lake, which is left in the folder."""

    def settle(root: Path) -> Usage:
        return lakes.backfill(lakes.new_root(root, world, days), days[0], days[-1], bench.limit)

    return settle


def floor_of(told: Path, *options: str) -> Child:
    """The floor; the seconds of its parts are kept beside `told`."""

    def copy(place: Path) -> Usage:
        usage = module("bench.floor", str(told), place, *options)
        shutil.copy(place / "parts.json", told.with_name("parts.json"))
        return usage

    return copy


def module(name: str, told: str, place: Path, *more: str) -> Usage:
    """A module of this package."""
    return python("-m", name, told, str(place), *more, place=place)


def python(*argv: str, place: Path, interpreter: str = sys.executable) -> Usage:
    """Any other Python."""
    return run([interpreter, *argv], place / "said.log", cwd=REPOSITORY)
