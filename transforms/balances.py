"""Balances (SPEC 10): the sum of a holder's ledger rows of an asset."""

import polars as pl

from schemas.units import FEN, WIDE

HOLDING = ("bucket", "holder_kind", "holder_id", "asset")


def balances(before: pl.LazyFrame, ledger: pl.LazyFrame) -> pl.LazyFrame:
    """Balances after `ledger`'s rows are added to `before`; balances of zero are left out. Sorted by holder."""
    rows = pl.concat([before.select(*HOLDING, amount_fen="balance_fen"), ledger.select(*HOLDING, "amount_fen")])
    return (
        rows.group_by(HOLDING)
        .agg(balance_fen=pl.col("amount_fen").cast(WIDE).sum())
        .filter(pl.col("balance_fen") != 0)
        .with_columns(pl.col("balance_fen").cast(FEN))
        .sort(HOLDING)
    )
