"""Random small worlds: a landing folder and a rulebook, everything from one integer.

    world = make_world(4711)
    landing, rulebook = world.write(tmp_path)

A failing world is kept by its call, which is its repr. Fewer days give the beginning of the longer world, for
every part of a world draws from a generator of its own: Hypothesis shrinks `days` to the day where it breaks.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from hypothesis import strategies as st

from tests.oracle.feeds import COIN_REDEMPTIONS, PAYOUTS, TRANSACTIONS
from tests.oracle.reference import SHAPES
from tests.world_parts.chance import chance, often
from tests.world_parts.files import File, control, day_files, reference_file
from tests.world_parts.references import Cast, cast
from tests.world_parts.rows import Author
from tests.world_parts.rulebooks import rulebook
from tests.world_parts.troubles import TROUBLES, Trouble, cause

__all__ = ["TROUBLES", "World", "ladder_worlds", "make_world", "worlds"]

STARTS = tuple(
    date.fromisoformat(day)
    for day in (
        "2019-01-01",
        "2019-01-20",
        "2019-01-31",
        "2019-02-10",
        "2019-04-05",
        "2019-12-28",
        "2020-02-15",
    )
)


@dataclass(frozen=True, repr=False)
class World:
    """Files by their path under the landing folder, and the rulebook's text."""

    call: str
    first: date
    last: date
    rulebook: str
    files: dict[str, File] = field(compare=False)
    exit_code: int = 0

    def __repr__(self) -> str:
        return self.call

    def write(self, root: Path) -> tuple[Path, Path]:
        """The landing folder and the rulebook file, both under `root`."""
        for path, file in self.files.items():
            file.write(root / "landing" / path)
        book = root / "rulebook.toml"
        book.write_text(self.rulebook, encoding="utf-8")
        return root / "landing", book


def make_world(
    seed: int,
    *,
    days: int | None = None,
    max_rows: int | None = None,
    members: int | None = None,
    merchants: int | None = None,
    changes: int | None = None,
    mess: int | None = None,
    trouble: Trouble | None = None,
) -> World:
    """A world. Knobs left open are drawn from the seed.

    `days` settled, `max_rows` drawn rows a day, `changes` of the rulebook, `mess`: percent of rows spoiled,
    `trouble`: one thing wrong for which the run has to stop (`World.exit_code`).
    """
    knobs = {"days": days, "max_rows": max_rows, "members": members, "merchants": merchants}
    knobs |= {"changes": changes, "mess": mess}
    told = [f"{name}={value!r}" for name, value in (*knobs.items(), ("trouble", trouble)) if value is not None]
    rng = chance(seed, "world")
    first = rng.choice(STARTS)
    drawn_days = rng.randint(60, 130) if often(rng, 12) else rng.randint(5, 45)
    drawn_rows = rng.choice((2, 4, 6)) if drawn_days <= 45 else 2
    drawn_mess = rng.choice((0, 3, 10, 25))
    length = drawn_days if days is None else days
    plain = often(rng, 30)
    returns_from = rng.randint(3, 40) if often(rng, 25) else 999
    book = rulebook(seed, first, "1", changes, plain)
    who = cast(seed, first, members, merchants, levels=_levels(book), plain=plain)
    who.edges += _changes(book)
    author = Author(
        seed,
        who,
        max_rows=drawn_rows if max_rows is None else max_rows,
        mess=drawn_mess if mess is None else mess,
        plain=plain,
        returns_from=returns_from,
    )
    files = _reference(seed, who)
    for number in range(length):
        files |= _day(seed, author, number, first + timedelta(days=number))
    call = f"make_world({', '.join([str(seed), *told])})"
    last = first + timedelta(days=length - 1)
    world = World(call, first, last, book, files)
    if trouble is None:
        return world
    book, files, exit_code = cause(chance(seed, trouble), trouble, book, files)
    return World(call, first, last, book, files, exit_code)


def worlds(max_days: int = 45, max_rows: int = 6) -> st.SearchStrategy[World]:
    """Worlds that settle, for Hypothesis; they shrink to fewer days, fewer rows, no mess."""
    build: Callable[..., World] = partial(make_world)
    return st.builds(
        build,
        st.integers(0, 2**32 - 1),
        days=st.integers(1, max_days),
        max_rows=st.integers(1, max_rows),
        mess=st.sampled_from((0, 0, 5, 25)),
    )


def ladder_worlds() -> st.SearchStrategy[World]:
    """Worlds of several months with little in a day: for what goes by the month."""
    build: Callable[..., World] = partial(make_world)
    days = st.integers(60, 150)
    return st.builds(build, st.integers(0, 2**32 - 1), days=days, max_rows=st.integers(1, 3), mess=st.just(0))


def _levels(book: str) -> int:
    """How many levels every version has at least: a promoter may start at any of them."""
    return min(len(version["promoter_levels"]) for version in tomllib.loads(book)["rules"])


def _changes(book: str) -> list[datetime]:
    moments: list[datetime] = [version["effective_from"] for version in tomllib.loads(book)["rules"]]
    return sorted(moments)


def _reference(seed: int, who: Cast) -> dict[str, File]:
    files: dict[str, File] = {}
    for name, rows in who.files.items():
        rng = chance(seed, "reference", name)
        if rows or name in ("members", "merchants") or often(rng, 50):
            columns = [column.lstrip("?") for column in SHAPES[name]]
            files |= reference_file(rng, name, columns, rows)
    return files


def _day(seed: int, author: Author, number: int, day: date) -> dict[str, File]:
    rng = chance(seed, "files", number)
    rows = author.transactions(day, number)
    folder = f"transactions/day={day.isoformat()}"
    files = day_files(rng, folder, TRANSACTIONS, rows)
    if often(rng, 12):
        files[f"{folder}/control.json"] = control(rng, rows, TRANSACTIONS)
    feeds = {
        "coin_redemptions": (COIN_REDEMPTIONS, author.coin_redemptions),
        "payouts": (PAYOUTS, author.payouts),
    }
    for feed, (columns, write) in feeds.items():
        spent = write(day, number)
        if spent or often(rng, 5):
            files |= day_files(rng, f"{feed}/day={day.isoformat()}", columns, spent)
    return files
