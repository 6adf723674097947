"""Worlds and lakes that several jobs share: made once under the scratch folder, then reused."""

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from bench import lakes, worlds
from bench.contest import Contender
from bench.lake_files import committed
from bench.sizes import Size

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bench:
    """What was asked for. `python`: an interpreter for peers that the project's environment has not; `days`: of a
    backfill, if not those of the size."""

    size: Size
    scratch: Path
    rounds: int
    limit: int | None = None
    python: str | None = None
    only: tuple[str, ...] = ()
    days: int | None = None

    def folder(self, name: str, size: Size | None = None) -> Path:
        """Where a thing of this size lies."""
        return self.scratch / "greenpoints-bench" / (size or self.size).name / name

    def wanted(self, contenders: Sequence[Contender]) -> list[Contender]:
        """The engine, and of its peers those that were asked for."""
        return [c for c in contenders if not self.only or c.name.startswith(("engine", *self.only))]


@dataclass(frozen=True)
class Events:
    """An events world with two lakes: `base` before the ordinary night, `later` before the event night after it."""

    folder: Path
    last: date

    @property
    def world(self) -> Path:
        return self.folder / "world"

    @property
    def base(self) -> Path:
        return self.folder / "base"

    @property
    def later(self) -> Path:
        return self.folder / "later"

    @property
    def ordinary(self) -> date:
        return self.last - ONE_DAY


def events(bench: Bench, size: Size | None = None) -> Events:
    """The events world and lakes of a size."""
    size = size or bench.size
    folder = bench.folder("events", size)

    def make() -> str:
        last = worlds.events_world(size, folder / "world")
        told(f"{size.name}: the world is written, its history is settled now")
        lakes.backfill(lakes.new_root(folder / "base", folder / "world"), worlds.FIRST_DAY, last - 2 * ONE_DAY)
        lakes.night(lakes.copy_root(folder / "base", folder / "later"), last - ONE_DAY)
        return last.isoformat()

    return Events(folder, date.fromisoformat(once(folder, make)))


def once(folder: Path, make: Callable[[], str]) -> str:
    """What `make` returns; it is called only if nobody has finished it in this folder before."""
    if not lakes.is_done(folder):
        told(f"making {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        lakes.mark_done(folder, make())
    return (folder / lakes.DONE).read_text(encoding="utf-8")


def facts(root: Path) -> dict[str, str]:
    """What a lake holds, for the report: days, rows, positions and cohorts by pool, holders."""
    tables = committed(root)
    found = {"days": str(len({day for f in tables["transactions"] for day in f.days}))}
    paths = [f.path for f in tables["transactions"]]
    found["rows of history"] = f"{pl.scan_parquet(paths, hive_partitioning=False).select(pl.len()).collect().item():,}"
    if tables.get("positions"):
        held = pl.scan_parquet([f.path for f in tables["positions"]], hive_partitioning=False)
        counts = held.group_by("pool").agg(
            rows=pl.len(), cohorts=pl.col("cohort_no").n_unique(), holders=pl.col("holder_id").n_unique()
        )
        for pool, rows, cohorts, holders in counts.sort("pool").collect().iter_rows():
            found[f"pool {pool}"] = f"{rows:,} positions in {cohorts} closed cohorts, {holders:,} holders"
    return found


def told(text: str) -> None:
    """Say it to whoever waits."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
