"""What a backfill asks of its own earlier days, as parts of its floor: told from the lake that it has left.

Its floor counts what came in and what is left. Beside that every event pays positions that were written before it, and
every block looks for the purchases that its refunds name. A machine that holds all of a range in memory need not read
them again; one of a few GiB that takes days in their order does. Counted are the ids of the days that refunds name, not
the other columns that a refund has from its purchase, nor positions that refunds touch, nor rows that wait.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bench.floors import part
from bench.lake_files import committed
from bench.task import Stored


def with_read_again(told: Path, settled: Path, first: date = date.min) -> Path:
    """The floor of a backfill and these parts, as the same file in a folder beside it. `settled`: the root it left;
    `first`: the first of its days, where the root had earlier ones."""
    job = json.loads(told.read_text(encoding="utf-8"))
    tables = committed(settled)
    again = (*_paid_positions(tables, first), *_searched_ids(tables["transactions"], first))
    job["copy"] += [one for one in again if one["paths"]]
    target = told.parent / "read-again" / told.name
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(job), encoding="utf-8")
    return target


def _paid_positions(tables: dict[str, list[Stored]], first: date) -> Iterator[dict[str, Any]]:
    """Once an event: holders and points of the cohorts that it pays and has not closed itself."""
    if not tables.get("cohort_rates"):
        return  # no event yet
    events = _rows(tables["pool_events"]).filter(pl.col("cutoff_date") >= first)
    files: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for f in tables["positions"]:
        files[f.partition["pool"], int(f.partition["cohort_no"])].append(f.path)
    rates = _rows(tables["cohort_rates"])
    earlier = rates.filter(pl.col("event_no") > pl.col("event_no").min().over("pool", "cohort_no")).join(
        events, on=("pool", "event_no"), how="semi"
    )
    for pool, numbers in (
        earlier.group_by("pool", "event_no").agg("cohort_no").sort("pool", "event_no")["pool", "cohort_no"].iter_rows()
    ):
        paths = [path for number in sorted(numbers) for path in files[pool, number]]
        yield part(f"positions paid, pool {pool}", paths, ["holder_id", "points_fen"])


def _rows(files: list[Stored]) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(f.path, hive_partitioning=False) for f in files])


def _searched_ids(files: list[Stored], first: date) -> Iterator[dict[str, Any]]:
    """Once a block: ids of the files of earlier blocks that have a day that one of its refunds names."""
    blocks: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for f in files:
        blocks[tuple(f.days)].append(f.path)
    spans = sorted(blocks)
    for number, span in enumerate(spans):
        if max(span) < str(first):
            continue
        refunds = pl.scan_parquet(blocks[span], hive_partitioning=False).filter(pl.col("kind") == "refund")
        named = {str(day) for day in refunds.select(pl.col("original_date").unique()).collect().to_series()}
        paths = [path for earlier in spans[:number] if named & set(earlier) for path in blocks[earlier]]
        yield part("ids of days that refunds name", paths, ["txn_id"])
