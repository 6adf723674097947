"""Dividends as a plain Python loop, for holders whose id is a multiple of EVERY; reading and writing are not its work.

What it keeps in `seconds.json` is the loop alone, to be multiplied: an extrapolation, and marked so.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl

PICO = 10**12


def main(task: dict, out: Path, every: int) -> None:  # type: ignore[type-arg]
    """Write holder_id, amount_fen, and the loop's seconds and positions."""
    mine = pl.col("holder_id") % every == 0
    columns = ["cohort_no", "holder_id", "points_fen"]
    rows = pl.scan_parquet(task["positions"], hive_partitioning=False).filter(mine).select(columns).collect().rows()
    taken: Counter[tuple[int, int]] = Counter()
    if task["changes"]:
        changes = pl.scan_parquet(task["changes"], hive_partitioning=False).filter(
            mine & (pl.col("pool") == task["pool"])
        )
        for cohort_no, holder_id, points in changes.select(columns).collect().iter_rows():
            taken[cohort_no, holder_id] += points
    rates = {number: (before, after) for number, before, after in task["rates"]}
    began = time.perf_counter()
    paid: Counter[int] = Counter()
    for cohort_no, holder_id, points in rows:
        net = points + taken.get((cohort_no, holder_id), 0)
        before, after = rates[cohort_no]
        paid[holder_id] += net * after // PICO - net * before // PICO
    seconds = time.perf_counter() - began
    amounts = {holder: amount for holder, amount in paid.items() if amount}
    frame = pl.DataFrame({"holder_id": list(amounts), "amount_fen": list(amounts.values())})
    frame.write_parquet(out / "paid.parquet")
    (out / "seconds.json").write_text(json.dumps({"seconds": seconds, "positions": len(rows)}), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]), int(sys.argv[3]))
