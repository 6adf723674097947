"""The answer of a night as one hash, whatever order and files the rows come in: only equal answers are compared."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

LEDGER = {"holder_kind": pl.String, "holder_id": pl.Int64, "kind": pl.String, "amount_fen": pl.Int64}
EVENTS = {
    "pool": pl.String,
    "event_no": pl.Int32,
    "trigger": pl.String,
    "value_fen": pl.Int64,
    "growth_pico": pl.Int64,
    "holders": pl.Int64,
    "amount_fen": pl.Int64,
}
SEEDS = (1, 2)
WORD = 2**64


@dataclass(frozen=True)
class Answer:
    """Rows of the night's ledger, their sum in fen, and the hash over them and over the night's events."""

    rows: int
    amount_fen: int
    hash: str


def answer(ledger: pl.LazyFrame, events: pl.DataFrame | None = None) -> Answer:
    """The sum of all rows' 64-bit hashes, twice with different seeds, ledger and events apart."""
    rows, amount, *parts = (
        ledger.select(pl.col(c).cast(t) for c, t in LEDGER.items()).select(_sums(LEDGER)).collect().row(0)
    )
    if events is not None:
        named = events.select(pl.col(c).cast(t) for c, t in EVENTS.items())
        parts += named.select(_sums(EVENTS)).row(0)[2:]
    return Answer(rows, int(amount or 0), "-".join(f"{int(part or 0) % WORD:016x}" for part in parts))


def _sums(columns: dict[str, type[pl.DataType]]) -> list[pl.Expr]:
    hashes = [pl.struct(list(columns)).hash(seed).cast(pl.Int128).sum().alias(f"hash_{seed}") for seed in SEEDS]
    return [pl.len(), pl.col("amount_fen").cast(pl.Int128).sum(), *hashes]


def written_answer(folder: Path) -> Answer:
    """The answer that a peer has left in `folder`: ledger*.parquet and, of a whole night, events.parquet."""
    events = folder / "events.parquet"
    ledger = pl.scan_parquet(sorted(folder.glob("ledger*.parquet")))
    return answer(ledger, pl.read_parquet(events) if events.exists() else None)


def ledger_of(paths: list[str], day: date) -> pl.LazyFrame:
    """The ledger rows of a day among some files of the lake."""
    return pl.scan_parquet(paths, hive_partitioning=False).filter(pl.col("business_date") == day)
