"""Which bytes a job must read and write: the contents of its floor, told from the lake before and after one run of it.

Counted are whole column chunks of the files that can hold what the night needs, because Parquet is not read by the row.
Of balances only what the night adds counts, a row for each that it moves, whatever the engine reads and rewrites. Not
counted: the warehouse, the run log, the Delta logs, the audit chain, small unpartitioned tables, fingerprints. A floor
without them is lower, so the ratios are too harsh rather than too kind.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from bench.lake_files import committed
from bench.task import Task

REFERENCES = ("members", "merchants", "bindings", "promoters", "merchant_promoters", "agents", "partners")
WRITTEN = ("transactions", "refunds", "movements", "quarantine", "ledger", "positions", "position_changes")
OPEN_LOTS = ["lot_date", "member_pool", "merchant_pool", "member_id", "merchant_id", "points_fen"]
NAMED = [
    "business_date", "txn_id", "kind", "member_id", "merchant_id", "amount_fen", "voucher_fen", "purchased_at",
    "concession_rate_pico", "lot_date", "bound_merchant_id", "referrer_id", "promoter_id", "region_code", "member_pool",
    "merchant_pool",
]  # fmt: skip
"""What a refund has from its purchase."""
HOLDER = ["holder_kind", "holder_id", "asset"]


def night_floor(task: Task, settled: Path, folder: Path) -> Path:
    """Write the floor of a night as `FLOOR.json`; `settled`: a root where the engine has settled it."""
    after = committed(settled)
    before = {name: {Path(f.path).name for f in files} for name, files in task.tables.items()}
    written = {
        name: [f.path for f in after.get(name, []) if Path(f.path).name not in before.get(name, ())] for name in WRITTEN
    }
    parts = [
        *_past(task, written),
        *_event(task, bool(written["positions"])),
        *(part(f"{name} written", paths) for name, paths in written.items()),
        part("balances moved", [str(_moved(written["ledger"], folder / "moved.parquet"))]),
    ]
    inputs = [path for name in ("transactions", "coin_redemptions", "payouts") for path in task.feed(name)]
    inputs += [path for path in map(task.reference, REFERENCES) if Path(path).exists()]
    told = folder / "FLOOR.json"
    told.write_text(json.dumps({"parse": inputs, "copy": [one for one in parts if one["paths"]]}), encoding="utf-8")
    return told


def range_floor(landing: Path, days: Sequence[date], settled: Path, folder: Path, before: Collection[str] = ()) -> Path:
    """The floor of a backfill: all that came in, and all that is written.

    `before`: names of files that the lake had before these days. They do not count, nor do files that only put earlier
    days together; and as they had to be made from the reference files, those are known already.
    """
    first = str(days[0])
    feeds = [
        str(path)
        for name in ("transactions", "coin_redemptions", "payouts")
        for day in days
        for path in sorted((landing / name / f"day={day}").glob("*.csv"))
    ]
    references = [landing / "reference" / f"{name}.csv" for name in REFERENCES if not before]
    after = committed(settled)
    written = {
        name: [
            f.path
            for f in after.get(name, [])
            if Path(f.path).name not in before and (not f.days or max(f.days) >= first)
        ]
        for name in (*WRITTEN, "balances")
    }
    parts = [part(f"{name} written", paths) for name, paths in written.items()]
    inputs = feeds + [str(path) for path in references if path.exists()]
    told = folder / "FLOOR.json"
    told.write_text(json.dumps({"parse": inputs, "copy": [one for one in parts if one["paths"]]}), encoding="utf-8")
    return told


def part(name: str, paths: list[str], columns: list[str] | None = None) -> dict[str, Any]:
    """Columns (None: all) of some files that a floor copies; parts of one name are told as one."""
    return {"name": name, "paths": paths, "columns": columns}


def _past(task: Task, written: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Days that late rows and refunds name, earlier refunds, and positions of the closed cohorts that they touch."""
    booked = pl.scan_parquet(written["transactions"], hive_partitioning=False)
    named = booked.filter(pl.col("kind") == "refund").select(pl.col("original_date").unique()).collect().to_series()
    days = {str(day) for day in named if day < task.day}
    late = booked.filter("is_late").select(pl.col("occurred_at").min().dt.convert_time_zone("Asia/Shanghai").dt.date())
    earliest = late.collect().item() or task.day
    low = str(earliest)
    parts = [
        part("ids of late rows' days", task.paths("transactions", business_date=lambda day: low <= day), ["txn_id"]),
        part("days that refunds name", task.paths("transactions", business_date=lambda day: day in days), NAMED),
    ]
    if days:
        first = min(days)
        parts.append(part("earlier refunds", task.paths("refunds", business_date=lambda day: first <= day)))
    if written["position_changes"]:
        touched = pl.read_parquet(written["position_changes"], hive_partitioning=False)
        cohorts = {(pool, str(number)) for pool, number in touched.select("pool", "cohort_no").unique().iter_rows()}
        stored = task.tables.get("positions", [])
        paths = [f.path for f in stored if (f.partition["pool"], f.partition["cohort_no"]) in cohorts]
        parts.append(part("positions that refunds touch", paths, ["holder_id", "points_fen"]))
    return parts


def _event(task: Task, pays: bool) -> list[dict[str, Any]]:
    """On an event night: positions of all closed cohorts (of these worlds, none has retired) and the open lots."""
    if not pays:
        return []
    events = pl.read_parquet(task.paths("pool_events"), hive_partitioning=False)
    last = min(str(day) for day in events.group_by("pool").agg(pl.col("cutoff_date").max())["cutoff_date"])
    lots = task.paths("transactions", business_date=lambda day: day > last)
    return [
        part("live positions", task.paths("positions"), ["cohort_no", "holder_id", "points_fen"]),
        part("changes of positions", task.paths("position_changes")),
        part("open lots", lots, OPEN_LOTS),
    ]


def _moved(ledger: list[str], path: Path) -> Path:
    """What the night adds to each balance that it moves, as one file."""
    rows = pl.scan_parquet(ledger, hive_partitioning=False).group_by(HOLDER)
    rows.agg(pl.col("amount_fen").sum()).sort(HOLDER).sink_parquet(path)
    return path
