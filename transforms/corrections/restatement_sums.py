"""Restatements by what the ledger has booked of them: holder, asset, kind and pool, on the day that booked them."""

from typing import Final

import polars as pl

from schemas.tables import LEDGER, RESTATED_SALES, Table
from schemas.units import WIDE

_BOOKED_BY: Final = ("business_date", "holder_kind", "holder_id", "asset", "kind", "pool")

RESTATEMENT_SUMS: Final = Table(
    "restatements, summed by the day that booked them",
    {**{name: LEDGER.schema[name] for name in _BOOKED_BY}, "sum_fen": WIDE},
    key=_BOOKED_BY,
)

_SOLD_BY: Final = ("run_id", "restated_date", "merchant_id")

RESTATED_PROCEEDS: Final = Table(
    "restated_sales, as proceeds",
    {**{name: RESTATED_SALES.schema[name] for name in _SOLD_BY}, "sum_fen": WIDE},
    key=_SOLD_BY,
)


def told_restatements(restatements: pl.LazyFrame) -> pl.LazyFrame:
    """RESTATEMENT_SUMS rows from rows of `restatements`; sums of zero left out."""
    moved = pl.col("after_fen").cast(WIDE) - pl.col("before_fen").cast(WIDE)
    return _sums(restatements.select(*_BOOKED_BY, sum_fen=moved))


def booked_restatements(ledger: pl.LazyFrame) -> pl.LazyFrame:
    """RESTATEMENT_SUMS rows from the ledger's rows of origin restatement."""
    return _sums(ledger.select(*_BOOKED_BY, sum_fen=pl.col("amount_fen").cast(WIDE)))


def told_proceeds(restatements: pl.LazyFrame) -> pl.LazyFrame:
    """RESTATED_PROCEEDS rows: what rows of `restatements` have moved of merchants' proceeds; sums of zero left out."""
    moved = pl.col("after_fen").cast(WIDE) - pl.col("before_fen").cast(WIDE)
    rows = restatements.filter(pl.col("kind") == "sales_proceeds").with_columns(sum_fen=moved)
    return _proceeds(rows.rename({"holder_id": "merchant_id"}))


def sold_proceeds(restated_sales: pl.LazyFrame) -> pl.LazyFrame:
    """RESTATED_PROCEEDS rows: the same by rows of `restated_sales`, amounts less concessions."""
    return _proceeds(restated_sales.with_columns(sum_fen=pl.col("amount_fen").cast(WIDE) - pl.col("concession_fen")))


def _proceeds(rows: pl.LazyFrame) -> pl.LazyFrame:
    sums = rows.group_by(_SOLD_BY).agg(pl.col("sum_fen").sum())
    return sums.filter(pl.col("sum_fen") != 0).sort(_SOLD_BY)


def _sums(rows: pl.LazyFrame) -> pl.LazyFrame:
    sums = rows.group_by(_BOOKED_BY).agg(pl.col("sum_fen").sum())
    return sums.filter(pl.col("sum_fen") != 0).sort(_BOOKED_BY)
