"""Restatement 重述 (SPEC 14): what closed days should have posted, less what they have; booked once, on an open day."""

from datetime import date
from typing import Final

import polars as pl

from schemas.tables import JOURNAL, LEDGER
from schemas.units import FEN, WIDE

RESTATEMENT: Final = "restatement"
HOLDING: Final = ["bucket", "holder_kind", "holder_id", "asset", "kind", "pool"]
"""What a difference is booked by."""


def changed_rows(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.LazyFrame:
    """Ledger rows that differ: business_date, value_date, HOLDING, before_fen, after_fen (0: there is none)."""
    key = ["business_date", "value_date", *HOLDING]
    rows = pl.concat([_side(before, key, "before_fen", "after_fen"), _side(after, key, "after_fen", "before_fen")])
    sums = rows.group_by(key).agg(pl.col("before_fen", "after_fen").sum())
    return sums.filter(pl.col("before_fen") != pl.col("after_fen"))


def _side(rows: pl.LazyFrame, key: list[str], own: str, other: str) -> pl.LazyFrame:
    columns = (pl.col("amount_fen").cast(WIDE).alias(own), pl.lit(0, WIDE).alias(other))
    return rows.select(*key, *columns).select(*key, "before_fen", "after_fen")


def restatement_rows(changed: pl.DataFrame, booked: pl.DataFrame, day: date) -> pl.DataFrame:
    """Ledger rows of origin restatement: the differences, booked on `day`, together with `booked`, restatement rows
    that stand there or on other open days already."""
    differences = changed.group_by(HOLDING).agg(amount_fen=(pl.col("after_fen") - pl.col("before_fen")).sum())
    fresh = differences.with_columns(
        business_date=pl.lit(day), value_date=pl.lit(day), origin=pl.lit(RESTATEMENT)
    ).select(LEDGER.schema.keys())
    rows = pl.concat([fresh, booked.with_columns(pl.col("amount_fen").cast(WIDE)).select(LEDGER.schema.keys())])
    key = [name for name in LEDGER.schema if name != "amount_fen"]
    sums = rows.group_by(key).agg(pl.col("amount_fen").sum()).filter(pl.col("amount_fen") != 0)
    return sums.with_columns(pl.col("amount_fen").cast(FEN)).select(LEDGER.schema.keys()).sort(LEDGER.key)


def restatement_entries(before: pl.DataFrame, after: pl.DataFrame, day: date) -> pl.DataFrame:
    """Journal rows that bring the accounts from `before` to `after` (rows of closed days), all on `day`."""
    change = pl.concat([before.with_columns(sign=pl.lit(-1)), after.with_columns(sign=pl.lit(1))])
    moved = change.with_columns(
        (pl.col("debit_fen", "credit_fen") * pl.col("sign")), business_date=pl.lit(day), value_date=pl.lit(day)
    )
    return net_entries(moved)


def net_entries(rows: pl.DataFrame) -> pl.DataFrame:
    """One journal row a key, net: a debit or a credit; entries that cancel each other are left out."""
    key = list(JOURNAL.key)
    net = rows.group_by(key).agg(
        credit_fen=(pl.col("credit_fen").cast(WIDE) - pl.col("debit_fen").cast(WIDE)).sum().cast(FEN)
    )
    credit = pl.col("credit_fen")
    sides = {
        "debit_fen": pl.max_horizontal(-credit, pl.lit(0, FEN)),
        "credit_fen": pl.max_horizontal(credit, pl.lit(0, FEN)),
    }
    return net.filter(credit != 0).with_columns(**sides).select(JOURNAL.schema.keys()).sort(JOURNAL.key)
