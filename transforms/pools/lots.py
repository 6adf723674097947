"""Whose points a row moves: lots that are still open, or a cohort that has closed (SPEC 5, 6)."""

from collections.abc import Sequence

import polars as pl

from schemas.tables import POSITION_CHANGES
from schemas.units import FEN, WIDE
from transforms.exact.buckets import bucket
from transforms.pools.membership import HOLDER_COLUMN, POOL_COLUMN


def cohort_points(transactions: pl.DataFrame, cutoffs: pl.DataFrame, keep: Sequence[str] = ()) -> pl.DataFrame:
    """Every row's points on both sides: business_date, pool, holder_id, points_fen, cohort_no (null: its lot is open),
    and the columns that are to be kept.

    `cutoffs`: pool, cohort_no, cutoff_date of every cohort, also of those that close within these days. A cohort is
    closed for a row if its cut-off lies before the row's business date: events come last in their day.
    """
    lots = pl.concat(
        transactions.select("business_date", "lot_date", "points_fen", *keep, pool=pool, holder_id=HOLDER_COLUMN[kind])
        for kind, pool in POOL_COLUMN.items()
    ).filter(pl.col("points_fen") != 0)
    # A purchase's lot is of its own day, which no earlier cut-off has closed.
    old = pl.col("lot_date") < pl.col("business_date")
    dated = (
        lots.filter(old)
        .sort("lot_date")
        .join_asof(
            cutoffs.sort("cutoff_date"),
            left_on="lot_date",
            right_on="cutoff_date",
            by="pool",
            strategy="forward",
            check_sortedness=False,
        )
    )
    closed = pl.when(pl.col("cutoff_date") < pl.col("business_date")).then("cohort_no").cast(pl.Int32)
    columns = ["business_date", "pool", "holder_id", "points_fen", "cohort_no", *keep]
    open_lots = lots.filter(~old).with_columns(cohort_no=pl.lit(None, pl.Int32))
    return pl.concat([dated.with_columns(cohort_no=closed).select(columns), open_lots.select(columns)])


def closed_changes(points: pl.DataFrame, buckets: int) -> pl.DataFrame:
    """Rows of position_changes: points (negative) taken per day, closed cohort and holder. In: `cohort_points`."""
    closed = points.filter(pl.col("cohort_no").is_not_null())
    sums = closed.group_by("business_date", "pool", "cohort_no", "holder_id").agg(
        points_fen=pl.col("points_fen").cast(WIDE).sum().cast(FEN)
    )
    changes = sums.with_columns(bucket=bucket(pl.col("holder_id"), buckets))
    return changes.select(POSITION_CHANGES.schema.keys()).sort(POSITION_CHANGES.key)


def open_flows(points: pl.DataFrame) -> pl.DataFrame:
    """Net points per pool and day that open lots gained: pool, business_date, open_fen (128 bits). Counted by itself,
    so that a pool's value, which sums its inflow, can be proved by it."""
    rows = points.filter(pl.col("cohort_no").is_null())
    return rows.group_by("pool", "business_date").agg(open_fen=pl.col("points_fen").cast(WIDE).sum())
