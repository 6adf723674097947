"""The floor of a job: its input files parsed to typed Parquet, and every other byte that it must read or write read and
rewritten, by Polars on the same machine, with nothing computed. Run as `python -m bench.floor FLOOR.json OUT [--drop]`.

With --drop no file outlives its writing: those of a year would fill the disk beside the lake that they are copies of.
Which bytes count is decided in `floors.py` and told in README.md.
"""

import json
import sys
import time
from pathlib import Path

import polars as pl

AMOUNT = pl.Decimal(18, 4)
TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "member_id": pl.Int64,
    "merchant_id": pl.Int64,
    "referrer_id": pl.Int64,
    "holder_id": pl.Int64,
    "promoter_id": pl.Int64,
    "mentor_id": pl.Int64,
    "agent_id": pl.Int64,
    "partner_id": pl.Int64,
    "amount": AMOUNT,
    "voucher_amount": AMOUNT,
    "concession_rate": AMOUNT,
    "coins": AMOUNT,
    "share": AMOUNT,
    "original_date": pl.Date,
}
MOMENTS = ("occurred_at", "joined_at", "bound_at")
"""The other columns stay text: what they mean is for the job to find out."""


def parse(path: Path, out: Path) -> None:
    """One CSV file as one typed Parquet file; what is not of its type becomes null."""
    frame = pl.scan_csv(path, infer_schema=False)
    names = frame.collect_schema().names()
    typed = pl.scan_csv(path, schema={name: TYPES.get(name, pl.String) for name in names}, ignore_errors=True)
    moments = [pl.col(name).str.to_datetime("%+", time_unit="us", strict=False) for name in names if name in MOMENTS]
    typed.with_columns(moments).sink_parquet(out)


def copy(paths: list[str], columns: list[str] | None, out: Path) -> None:
    """Columns of some Parquet files as one file."""
    frame = pl.scan_parquet(paths, hive_partitioning=False)
    (frame.select(columns) if columns else frame).sink_parquet(out)


def main(told: Path, out: Path, *, drop: bool = False) -> None:
    """Do it, and keep the seconds of each part in `parts.json`."""
    job = json.loads(told.read_text(encoding="utf-8"))
    parts: dict[str, float] = {}
    out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(job["parse"]):
        began = time.perf_counter()
        written = out / f"parsed-{number}.parquet"
        parse(Path(path), written)
        if drop:
            written.unlink()
        name = f"parse {Path(path).parent.parent.name if 'day=' in path else Path(path).name}"
        parts[name] = parts.get(name, 0) + time.perf_counter() - began
    for number, part in enumerate(job["copy"]):
        began = time.perf_counter()
        written = out / f"copied-{number}.parquet"
        copy(part["paths"], part["columns"], written)
        if drop:
            written.unlink()
        parts[part["name"]] = parts.get(part["name"], 0) + time.perf_counter() - began
    (out / "parts.json").write_text(json.dumps(parts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), drop="--drop" in sys.argv[3:])
