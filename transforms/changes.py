"""Refunds of points already in a closed cohort (SPEC 6): which cohort each one touches."""

import polars as pl

from schemas.tables import POSITION_CHANGES
from schemas.units import FEN, WIDE
from transforms.buckets import bucket
from transforms.membership import HOLDER_COLUMN, POOL_COLUMN


def closed_changes(transactions: pl.DataFrame, cutoffs: pl.DataFrame, buckets: int) -> pl.DataFrame:
    """Rows of position_changes: points (negative) taken per day, pool, cohort and holder.

    `cutoffs`: pool, cohort_no, cutoff_date of every cohort, also of those that close within these days. A cohort is
    closed for a row if its cut-off lies before the row's business date: events come last in their day.
    """
    refunds = transactions.filter((pl.col("kind") == "refund") & (pl.col("points_fen") != 0))
    sides = [
        refunds.select("business_date", "lot_date", "points_fen", pool=POOL_COLUMN[kind], holder_id=HOLDER_COLUMN[kind])
        for kind in POOL_COLUMN
    ]
    lots = pl.concat(sides).sort("lot_date")
    dated = lots.join_asof(
        cutoffs.sort("cutoff_date"),
        left_on="lot_date",
        right_on="cutoff_date",
        by="pool",
        strategy="forward",
        check_sortedness=False,
    )
    closed = dated.filter(pl.col("cutoff_date") < pl.col("business_date"))
    sums = closed.group_by("business_date", "pool", "cohort_no", "holder_id").agg(
        points_fen=pl.col("points_fen").cast(WIDE).sum().cast(FEN)
    )
    changes = sums.with_columns(bucket=bucket(pl.col("holder_id"), buckets))
    return changes.select(POSITION_CHANGES.schema.keys()).sort(POSITION_CHANGES.key)
