"""The engine's own transform of dividends, from the positions' files to a Parquet file of payments."""

import json
import sys
from pathlib import Path

import polars as pl

from schemas.tables import POSITION_CHANGES
from transforms.cohorts import Payout
from transforms.dividends import dividends, entitled, net_positions


def main(task: dict, out: Path) -> None:  # type: ignore[type-arg]
    """Write holder_id, amount_fen."""
    scan = pl.scan_parquet(task["positions"], hive_partitioning=False)
    changes = (
        pl.scan_parquet(task["changes"], hive_partitioning=False)
        if task["changes"]
        else POSITION_CHANGES.empty().lazy()
    )
    payouts = [Payout(number, 0, 0, before, after, False) for number, before, after in task["rates"]]
    held = net_positions(scan, changes.filter(pl.col("pool") == task["pool"]))
    dividends(entitled(held, payouts)).sink_parquet(out / "paid.parquet")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
