"""Dividends 分红 (SPEC 6): what a holder is paid at an event, what a refund takes back, what retirement takes away.

R3: a payment is the difference of two truncated entitlements, never a rounded rate, so that nothing drifts:
200.00 points at cumulative 0.5 %, then 1.075 %: trunc(2.15) - trunc(1.00) = 1.15.
"""

from collections.abc import Sequence

import polars as pl

from schemas.units import WIDE
from transforms.cohorts import Payout
from transforms.rounding import toward_zero, wide

_HOLDING = ["cohort_no", "holder_id"]


def close_cohort(transactions: pl.LazyFrame, pool: str, pool_column: str, holder_column: str) -> pl.LazyFrame:
    """Positions of the lots in `transactions`: holder_id, points_fen; holders whose refunds leave nothing have none."""
    return (
        transactions.filter(pl.col(pool_column) == pool)
        .group_by(holder_id=holder_column)
        .agg(points_fen=pl.col("points_fen").cast(WIDE).sum())
        .filter(pl.col("points_fen") != 0)
        .with_columns(pl.col("points_fen").cast(pl.Int64))
    )


def net_positions(positions: pl.LazyFrame, changes: pl.LazyFrame) -> pl.LazyFrame:
    """cohort_no, holder_id, points_fen, net of what refunds took since the cohorts closed."""
    taken = changes.group_by(_HOLDING).agg(taken_fen=pl.col("points_fen").sum())
    return (
        positions.select(*_HOLDING, "points_fen")
        .join(taken, on=_HOLDING, how="left")
        .select(*_HOLDING, points_fen=pl.col("points_fen") + pl.col("taken_fen").fill_null(0))
    )


def entitled(positions: pl.LazyFrame, payouts: Sequence[Payout]) -> pl.LazyFrame:
    """cohort_no, holder_id, points_fen, before_fen, after_fen: what each position is entitled to before and after an
    event, truncated. In: net positions."""
    rates = pl.LazyFrame(
        [(p.cohort_no, p.before_pico, p.after_pico) for p in payouts],
        schema={"cohort_no": pl.Int32, "before_pico": pl.Int64, "after_pico": pl.Int64},
        orient="row",
    )
    points = wide(pl.col("points_fen"))
    return positions.join(rates, on="cohort_no").select(
        *_HOLDING,
        "points_fen",
        before_fen=toward_zero(points * pl.col("before_pico")),
        after_fen=toward_zero(points * pl.col("after_pico")),
    )


def dividends(entitled: pl.LazyFrame) -> pl.LazyFrame:
    """Payments of one event: holder_id, amount_fen (not zero), summed over the cohorts. In: rows of `entitled`."""
    return (
        entitled.group_by("holder_id")
        .agg(amount_fen=(pl.col("after_fen") - pl.col("before_fen")).sum())
        .filter(pl.col("amount_fen") != 0)
    )


def entitlements(entitled: pl.LazyFrame) -> pl.LazyFrame:
    """Per cohort, over its holders: points_fen, before_fen and after_fen (sums of truncated entitlements), and
    `negative`: how many positions are below zero, which none may be. In: rows of `entitled`."""
    return entitled.group_by("cohort_no").agg(
        pl.col("points_fen", "before_fen", "after_fen").sum(),
        negative=(pl.col("points_fen") < 0).sum().cast(pl.Int64),
    )


def retirement(positions: pl.LazyFrame, retired: Sequence[int]) -> pl.LazyFrame:
    """Points that leave the balance with their cohorts: holder_id, amount_fen (negative). In: net positions."""
    return (
        positions.filter(pl.col("cohort_no").is_in(retired))
        .group_by("holder_id")
        .agg(amount_fen=-pl.col("points_fen").sum())
        .filter(pl.col("amount_fen") != 0)
    )


def clawbacks(changes: pl.DataFrame, before: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """What refunds of closed cohorts take back: business_date, cohort_no, holder_id, points_fen, dividend_clawback
    (fen, never positive) and points_retired (fen, what a refund of retired points puts back).

    `changes`: business_date, cohort_no, holder_id, points_fen (negative), of days between which no event of the pool
    lies; `before`: net positions before the first of them; `rates`: cohort_no, cumulative_pico, retired, as they stand.
    """
    rows = changes.join(before.rename({"points_fen": "held_fen"}), on=_HOLDING, how="left").join(rates, on="cohort_no")
    running = pl.col("points_fen").cum_sum().over(_HOLDING, order_by="business_date")
    rows = rows.with_columns(after_fen=pl.col("held_fen") + running)
    rate = pl.col("cumulative_pico")
    was = toward_zero(wide(pl.col("after_fen") - pl.col("points_fen")) * rate)
    return rows.select(
        "business_date",
        *_HOLDING,
        "points_fen",
        dividend_clawback=toward_zero(wide(pl.col("after_fen")) * rate) - was,
        points_retired=pl.when("retired").then(-pl.col("points_fen")).otherwise(0),
    )
