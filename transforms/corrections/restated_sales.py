"""Sales 销售额 of closed days before and after a restatement (SPEC 14): what finance sets beside posted proceeds."""

from typing import Final

import polars as pl

from schemas.units import FEN, WIDE

_SOLD: Final = ["business_date", "merchant_id"]
_SUMMED: Final = ["transactions", "amount_fen", "voucher_fen", "concession_fen"]


def sales_change(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.LazyFrame:
    """What each merchant's day gains from rows of `transactions` `before` to those `after`: business_date, merchant_id,
    transactions, amount_fen, voucher_fen, concession_fen, refunds negative; days that stay the same are left out."""
    sums = pl.concat([_sold(after, 1), _sold(before, -1)]).group_by(_SOLD).agg(pl.col(_SUMMED).sum())
    moved = pl.any_horizontal(pl.col(name) != 0 for name in _SUMMED)
    return sums.filter(moved).with_columns(pl.col(_SUMMED[1:]).cast(FEN))


def _sold(rows: pl.LazyFrame, side: int) -> pl.LazyFrame:
    sign = pl.when(pl.col("kind") == "refund").then(-1).otherwise(1)
    # A refund's concession is negative as it stands.
    amounts = [(pl.col(name) * sign).alias(name) for name in ("amount_fen", "voucher_fen")]
    sold = rows.select(*_SOLD, pl.lit(1, pl.Int64).alias("transactions"), *amounts, "concession_fen")
    sums = sold.group_by(_SOLD).agg(pl.col("transactions").sum(), pl.col(_SUMMED[1:]).cast(WIDE).sum())
    return sums.with_columns(pl.col(_SUMMED) * side)
