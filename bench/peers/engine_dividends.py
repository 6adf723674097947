"""The engine's own transform of dividends, from the positions' files to a Parquet file of payments."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from schemas.tables import POSITION_CHANGES
from transforms.pools.cohorts import Payout
from transforms.pools.dividends import dividends, entitled_cohort, net_positions, taken_points


def main(task: dict[str, Any], out: Path) -> None:
    """Write holder_id, amount_fen."""
    dividends(_entitled(task)).sink_parquet(out / "paid.parquet")


def staged(task: dict[str, Any], out: Path, stages: Callable[[str, Callable[[], object]], object]) -> None:
    """The same in stages, each of which does what the one before it does and one thing more."""
    paths = pl.scan_parquet(task["positions"], hive_partitioning=False).select("cohort_no", "holder_id", "points_fen")
    net = pl.concat([held for held, _ in _held(task)])
    stages("read positions", lambda: _summed(paths))
    stages("and take off what refunds took", lambda: _summed(net))
    stages("and entitle, before and after", lambda: _summed(_entitled(task)))
    stages("and sum by holder", lambda: _summed(dividends(_entitled(task))))
    stages("and write", lambda: main(task, out))


def _summed(rows: pl.LazyFrame) -> pl.DataFrame:
    """All of the rows made, one kept."""
    return rows.select(pl.all().sum()).collect(engine="streaming")


def _entitled(task: dict[str, Any]) -> pl.LazyFrame:
    return pl.concat([entitled_cohort(held, payout) for held, payout in _held(task)])


def _held(task: dict[str, Any]) -> list[tuple[pl.LazyFrame, Payout]]:
    """Net positions of each cohort that is paid, and its rates."""
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
        cohorts.append((held, Payout(number, 0, 0, before, after, False)))
    return cohorts


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
