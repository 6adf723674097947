"""Payments of one event alone: the part of an event night that pandas, plain Python and Spark can be asked for.

All get the same JSON: the files of a pool's live cohorts, what refunds took since, and the rates before and after.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bench.answers import Answer, answer
from bench.lake_files import committed
from bench.task import Stored


def dividends_task(root: Path, pool: str, folder: Path) -> dict[str, Any]:
    """The last event of a pool of `root`, where it has been settled; kept as `TASK.json` too."""
    tables = committed(root)
    event = _last(tables, "pool_events", pool, "event_no")
    rates = _rates(tables, pool, event["event_no"])
    live = {str(number) for number, _, _ in rates}
    files = [f for f in tables["positions"] if f.partition["pool"] == pool and f.partition["cohort_no"] in live]
    task = {
        "pool": pool,
        "holder_kind": "member" if _is_member(tables, pool) else "merchant",
        "positions": [f.path for f in files],
        "changes": [f.path for f in tables.get("position_changes", [])],
        "rates": rates,
        "cutoff_date": str(event["cutoff_date"]),
        "ledger": [f.path for f in tables["ledger"] if str(event["cutoff_date"]) in f.days],
    }
    (folder / "TASK.json").write_text(json.dumps(task), encoding="utf-8")
    return task


def expected(task: dict[str, Any], every: int = 1) -> Answer:
    """What the engine's ledger says was paid; of holders whose id is a multiple of `every`."""
    rows = pl.scan_parquet(task["ledger"], hive_partitioning=False)
    of_event = pl.col("business_date") == date.fromisoformat(task["cutoff_date"])
    paid = rows.filter(of_event & (pl.col("kind") == "dividend") & (pl.col("pool") == task["pool"]))
    return answer(paid.filter(pl.col("holder_id") % every == 0))


def paid_answer(out: Path, task: dict[str, Any]) -> Answer:
    """The answer of a peer that has written holder_id, amount_fen into `out`/paid*.parquet."""
    paid = pl.scan_parquet(sorted(out.rglob("*.parquet")), hive_partitioning=False)
    return answer(paid.with_columns(holder_kind=pl.lit(task["holder_kind"]), kind=pl.lit("dividend")))


def _rates(tables: dict[str, list[Stored]], pool: str, event_no: int) -> list[tuple[int, int, int]]:
    """cohort_no, cumulative_pico before and after, of the cohorts that the event paid."""
    rates = pl.read_parquet([f.path for f in tables["cohort_rates"]]).filter(pl.col("pool") == pool)
    after = rates.filter(pl.col("event_no") == event_no).select("cohort_no", after="cumulative_pico")
    before = rates.filter(pl.col("event_no") == event_no - 1).select("cohort_no", before="cumulative_pico")
    joined = (
        after.join(before, on="cohort_no", how="left").sort("cohort_no").with_columns(pl.col("before").fill_null(0))
    )
    return list(joined.select("cohort_no", "before", "after").iter_rows())


def _last(tables: dict[str, list[Stored]], table: str, pool: str, column: str) -> dict[str, Any]:
    rows = pl.read_parquet([f.path for f in tables[table]]).filter(pl.col("pool") == pool).sort(column)
    return rows.row(-1, named=True)


def _is_member(tables: dict[str, list[Stored]], pool: str) -> bool:
    paid = pl.scan_parquet([f.path for f in tables["ledger"]], hive_partitioning=False)
    kinds = (
        paid.filter((pl.col("pool") == pool) & (pl.col("kind") == "dividend")).select("holder_kind").head(1).collect()
    )
    return bool(kinds.item() == "member")
