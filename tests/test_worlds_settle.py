"""The engine against the oracle on random worlds, and its properties: order, split, buckets, nights, re-runs.

`SETTLE_WORLDS` is how many worlds each test draws: few in CI, as many as you like by hand.
"""

import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import SettleError
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.engine import backfill, night, published
from tests.oracle import OracleRefusal, settle_world
from tests.worlds import World, make_world

WORLDS = int(os.environ.get("SETTLE_WORLDS", "40"))
FEW = range(max(3, WORLDS // 8))
SEEDS_THAT_FAILED: tuple[int, ...] = (5, 7, 10)
"""Kept for ever: torn last rows, ids of torn rows."""


def settled(world: World, root: Path, buckets: int = 1) -> dict[str, list[tuple]] | int:
    """The engine's tables of a world, or the exit code it stopped with."""
    _, rulebook = world.write(root)
    try:
        backfill(root, rulebook, world.first, world.last, buckets=buckets)
    except SettleError as fault:
        return fault.exit_code
    return read_tables(published(root), ALL_TABLES)


def expected(world: World, root: Path) -> dict[str, list[tuple]] | int:
    """The oracle's."""
    try:
        tables = settle_world(root / "landing", root / "rulebook.toml", world.first, world.last)
    except OracleRefusal as refusal:
        return refusal.exit_code
    return {name: tables[name] for name in ALL_TABLES}


def expected_after(world: World, root: Path) -> dict[str, list[tuple]] | int:
    """The oracle's, of a world that is yet to be written."""
    world.write(root)
    return expected(world, root)


def agree(one: dict[str, list[tuple]] | int, other: dict[str, list[tuple]] | int) -> None:
    if isinstance(one, int) or isinstance(other, int):
        assert one == other
    else:
        assert_same(one, other, ALL_TABLES)


@pytest.mark.parametrize("seed", [*SEEDS_THAT_FAILED, *range(1000, 1000 + WORLDS)])
def test_random_worlds_agree_with_the_oracle(seed: int, tmp_path: Path) -> None:
    world = make_world(seed)
    found = settled(world, tmp_path, buckets=1 + seed % 3)
    agree(expected(world, tmp_path), found)


@pytest.mark.parametrize("seed", [6000 + n for n in FEW])
def test_ladders_of_several_months_agree_with_the_oracle(seed: int, tmp_path: Path) -> None:
    world = make_world(seed, days=120, max_rows=2, mess=0)
    agree(expected_after(world, tmp_path), settled(world, tmp_path, buckets=2))


@pytest.mark.parametrize("seed", [2000 + n for n in FEW])
def test_one_range_is_many_nights_and_backfills(seed: int, tmp_path: Path) -> None:
    world, chance = make_world(seed, days=14), random.Random(seed)
    whole = settled(world, tmp_path / "range")
    root = tmp_path / "nights"
    _, rulebook = world.write(root)
    try:
        for day in _days(world):
            night(root, rulebook, day, buckets=3)
            if chance.random() < 0.25:
                _touch_reference(root)
                again = world.first + timedelta(days=chance.randint(0, (day - world.first).days))
                backfill(root, rulebook, again, day)
        by_night: dict[str, list[tuple]] | int = read_tables(published(root), ALL_TABLES)
    except SettleError as fault:
        by_night = fault.exit_code
    agree(whole, by_night)


def _days(world: World) -> Iterator[date]:
    return (world.first + timedelta(days=n) for n in range((world.last - world.first).days + 1))


def _touch_reference(root: Path) -> None:
    """Another fingerprint, the same content: what is settled counts as changed and is settled again."""
    folder = root / "landing" / "reference"
    for path in folder.glob("members.csv"):
        path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize("seed", [3000 + n for n in FEW])
def test_row_order_and_file_split_change_nothing(seed: int, tmp_path: Path) -> None:
    # Duplicates go by file and position, so this holds for days without them.
    world = make_world(seed, days=12, mess=0)
    whole = settled(world, tmp_path / "whole")
    root = tmp_path / "split"
    _, rulebook = world.write(root)
    for number, path in enumerate(sorted((root / "landing" / "transactions").glob("day=*/*.csv"))):
        _shuffle_and_split(path, number)
    try:
        backfill(root, rulebook, world.first, world.last)
        split: dict[str, list[tuple]] | int = read_tables(published(root), ALL_TABLES)
    except SettleError as fault:
        split = fault.exit_code
    agree(whole, split)


def _shuffle_and_split(path: Path, seed: int) -> None:
    rows = pl.read_csv(path, infer_schema=False).filter(~pl.all_horizontal(pl.all().is_null()))  # blank lines
    rows = rows.sample(fraction=1, shuffle=True, seed=seed)
    path.unlink()
    half = rows.height // 2
    rows[:half].write_csv(path.with_name(f"{path.stem}-1.csv"))
    rows[half:].write_parquet(path.with_name(f"{path.stem}-0.parquet"))


@pytest.mark.parametrize("seed", [4000 + n for n in FEW])
def test_a_second_run_is_no_run(seed: int, tmp_path: Path) -> None:
    world = make_world(seed, days=10)
    if isinstance(settled(world, tmp_path), int):
        pytest.skip("this world is refused")
    rulebook = tmp_path / "rulebook.toml"
    assert night(tmp_path, rulebook, world.last) is None
    assert backfill(tmp_path, rulebook, world.first, world.last) is None


@pytest.mark.parametrize(
    "sizes",
    [
        {"flows.settlement.plan.BLOCK_BYTES": 1},
        {
            "lake.landing.csv_rows.PART_ROWS": 1,
            "lake.landing.csv_parser._BLOCK": 1 << 12,
            "flows.settlement.intake.read.BYTES_AT_ONCE": 200,
            "lake.draft.spill.PLAIN_ROWS": 2,
            "lake.draft.spill.FILE_ROWS": 3,
        },
        {
            "flows.settlement.intake.read.ID_KEY": (pl.col("txn_id").hash() % 3).alias("id_key"),
            "flows.settlement.intake.read.BYTES_AT_ONCE": 200,
            "flows.settlement.intake.read.REREAD_AT_ONCE": 0,
        },
        {
            "lake.draft.buffer.GATHERED_ROWS": 1,
            "flows.settlement.booking.SUMS_AT_ONCE": 7,
            "lake.draft.compaction.SMALL_ROWS": 10,
            "flows.settlement.closed.rewritten.ROWS_COMPARED": 1,
            "flows.settlement.books.balances.FILES_OF_CHANGES": 0,
            "flows.settlement.books.balances.ROWS_SUMMED": 20,
        },
    ],
    ids=["blocks of one day", "small parts", "ids that share a hash", "many small files"],
)
def test_how_much_is_done_at_once_changes_nothing(
    sizes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(5001, days=20)
    whole = settled(world, tmp_path / "whole")
    for name, size in sizes.items():
        monkeypatch.setattr(name, size)
    shutil.rmtree(tmp_path / "whole")
    agree(whole, settled(world, tmp_path / "days", buckets=2))
