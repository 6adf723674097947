"""Roots to run in: a world's landing zone, and a lake that is settled once and copied by hard links for each run."""

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from bench.measure import Usage, run
from lake.landing.reference_cache import FOLDER as REFERENCE

SETTLE = str(Path(sys.executable).with_name("settle"))
DONE = "done"


def settle(root: Path, *command: str, limit: int | None = None) -> Usage:
    """Run `settle` on a root, as its operator would."""
    options = ["--root", str(root), "--warehouse", str(root / "warehouse.duckdb")]
    rules = ["--rulebook", str(root / "rulebook.toml")]
    return run([SETTLE, *options, *rules, *command], root / "said.log", limit)


def night(root: Path, day: date, limit: int | None = None) -> Usage:
    """One night without Prefect."""
    return settle(root, "nightly", "--date", day.isoformat(), "--direct", limit=limit)


def backfill(root: Path, first: date, last: date, limit: int | None = None) -> Usage:
    """A range without Prefect."""
    days = ("--from", first.isoformat(), "--to", last.isoformat())
    return settle(root, "backfill", *days, "--direct", limit=limit)


def new_root(folder: Path, world: Path, days: Sequence[date] | None = None) -> Path:
    """An empty root over a world: all of its landing zone, or only these days. Nothing of it is copied."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "landing").mkdir(parents=True)
    (folder / "rulebook.toml").symlink_to(world / "rulebook.toml")
    for feed in (world / "landing").iterdir():
        if days is None or feed.name == "reference":
            (folder / "landing" / feed.name).symlink_to(feed)
            continue
        (folder / "landing" / feed.name).mkdir()
        for path in (feed / f"day={day.isoformat()}" for day in days):
            if path.exists():
                (folder / "landing" / feed.name / path.name).symlink_to(path)
    return folder


def copy_root(base: Path, folder: Path) -> Path:
    """A root like `base`, its lake by hard links: the engine never writes into a file, it only adds and replaces."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("landing", "rulebook.toml"):
        (folder / name).symlink_to((base / name).resolve())
    link_tree(base / "lake", folder / "lake")
    return folder


def forget_reference(root: Path) -> None:
    """As if the reference files had changed since the last run."""
    shutil.rmtree(root / "lake" / REFERENCE, ignore_errors=True)


def know_reference(base: Path, settled: Path) -> None:
    """Keep for `base` what a run of this very program on `settled` has kept of the same reference files."""
    forget_reference(base)
    if (settled / "lake" / REFERENCE).exists():
        link_tree(settled / "lake" / REFERENCE, base / "lake" / REFERENCE)


def link_tree(one: Path, other: Path) -> None:
    """A copy of a folder whose files are those of the first."""
    shutil.copytree(one, other, copy_function=os.link)


def is_done(folder: Path) -> bool:
    """Whether what was made in this folder was made to its end."""
    return (folder / DONE).exists()


def mark_done(folder: Path, note: str) -> None:
    """Say so, with a note for whoever reuses it."""
    (folder / DONE).write_text(note, encoding="utf-8")


def range_of(first: date, last: date) -> list[date]:
    """Every date from first to last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
