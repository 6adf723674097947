"""The engine's own transform of dividends, from the positions' files to a Parquet file of payments."""

import json
import sys
from pathlib import Path

import polars as pl

from schemas.tables import POSITION_CHANGES
from transforms.cohorts import Payout
from transforms.dividends import dividends, entitled_cohort, net_positions, taken_points


def main(task: dict, out: Path) -> None:  # type: ignore[type-arg]
    """Write holder_id, amount_fen."""
    changes = (
        pl.scan_parquet(task["changes"], hive_partitioning=False)
        if task["changes"]
        else POSITION_CHANGES.empty().lazy()
    )
    taken = taken_points(changes.filter(pl.col("pool") == task["pool"])).collect()
    cohorts = []
    for number, before, after in task["rates"]:
        files = [path for path in task["positions"] if f"/cohort_no={number}/" in path]
        of_cohort = taken.filter(pl.col("cohort_no") == number).lazy()
        held = net_positions(pl.scan_parquet(files, hive_partitioning=False), of_cohort, on=["holder_id"])
        cohorts.append(entitled_cohort(held, Payout(number, 0, 0, before, after, False)))
    dividends(pl.concat(cohorts)).sink_parquet(out / "paid.parquet")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
