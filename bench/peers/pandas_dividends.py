"""Dividends in pandas, in 64 bits without overflow. Runs under an interpreter that has pandas and pyarrow alone."""

import json
import sys
from pathlib import Path

import pandas as pd

MILLION = 10**6


def entitled(points: "pd.Series[int]", rate: "pd.Series[int]") -> "pd.Series[int]":
    """floor(points x rate / 10^12), exact while points stay below 10^12: floor(floor(x / a) / b) = floor(x / (a b))."""
    return (points * (rate // MILLION) + points * (rate % MILLION) // MILLION) // MILLION


def main(task: dict, out: Path) -> None:  # type: ignore[type-arg]
    """Write holder_id, amount_fen."""
    columns = ["cohort_no", "holder_id", "points_fen"]
    held = pd.concat(
        [pd.read_parquet(path, columns=columns, partitioning=None) for path in task["positions"]], ignore_index=True
    )
    if task["changes"]:
        changes = pd.concat(
            [pd.read_parquet(path, columns=["pool", *columns], partitioning=None) for path in task["changes"]]
        )
        taken = changes[changes.pool == task["pool"]].groupby(columns[:2], as_index=False).points_fen.sum()
        held = held.merge(taken.rename(columns={"points_fen": "taken_fen"}), on=columns[:2], how="left")
        held["points_fen"] += held.taken_fen.fillna(0).astype("int64")
    held = held.merge(pd.DataFrame(task["rates"], columns=["cohort_no", "before", "after"]), on="cohort_no")
    held["amount_fen"] = entitled(held.points_fen, held.after) - entitled(held.points_fen, held.before)
    paid = held.groupby("holder_id", as_index=False).amount_fen.sum()
    paid[paid.amount_fen != 0].to_parquet(out / "paid.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
