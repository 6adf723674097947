"""Dividends 分红 (SPEC 6): what a holder is paid at an event, what a refund takes back, what retirement takes away.

R3: a payment is the difference of two truncated entitlements, never a rounded rate, so that nothing drifts:
200.00 points at cumulative 0.5 %, then 1.075 %: trunc(2.15) - trunc(1.00) = 1.15.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from schemas.units import WIDE
from transforms.exact.rounding import toward_zero, wide
from transforms.pools.cohorts import Payout

HOLDING: Final = ("cohort_no", "holder_id")
"""What a position is known by, within its pool."""


def close_cohort(transactions: pl.LazyFrame, pool: str, pool_column: str, holder_column: str) -> pl.LazyFrame:
    """Positions of the lots in `transactions`: holder_id, points_fen; holders whose refunds leave nothing have none."""
    return (
        transactions.filter(pl.col(pool_column) == pool)
        .group_by(holder_id=holder_column)
        .agg(points_fen=pl.col("points_fen").cast(WIDE).sum())
        .filter(pl.col("points_fen") != 0)
        .with_columns(pl.col("points_fen").cast(pl.Int64))
    )


def taken_points(changes: pl.LazyFrame) -> pl.LazyFrame:
    """What refunds took from closed cohorts: cohort_no, holder_id, taken_fen (negative). In: position_changes."""
    return changes.group_by(HOLDING).agg(taken_fen=pl.col("points_fen").sum())


def net_positions(positions: pl.LazyFrame, taken: pl.LazyFrame, on: Sequence[str] = HOLDING) -> pl.LazyFrame:
    """cohort_no, holder_id, points_fen, net of what refunds took since the cohorts closed (rows of `taken_points`).

    Within one cohort they may be joined on the holder alone.
    """
    return positions.join(taken.select(*on, "taken_fen"), on=on, how="left").select(
        *HOLDING, points_fen=pl.col("points_fen") + pl.col("taken_fen").fill_null(0)
    )


def entitled(positions: pl.LazyFrame, payouts: Sequence[Payout]) -> pl.LazyFrame:
    """cohort_no, holder_id, points_fen, before_fen, after_fen: what each position is entitled to before and after an
    event, truncated. In: net positions of any cohorts."""
    rates = pl.LazyFrame(
        [(p.cohort_no, p.before_pico, p.after_pico) for p in payouts],
        schema={"cohort_no": pl.Int32, "before_pico": pl.Int64, "after_pico": pl.Int64},
        orient="row",
    )
    return _worth(positions.join(rates, on="cohort_no"), pl.col("before_pico"), pl.col("after_pico"))


def entitled_cohort(positions: pl.LazyFrame, payout: Payout) -> pl.LazyFrame:
    """The same of the net positions of one cohort."""
    return _worth(positions, pl.lit(payout.before_pico), pl.lit(payout.after_pico))


def _worth(positions: pl.LazyFrame, before_pico: pl.Expr, after_pico: pl.Expr) -> pl.LazyFrame:
    points = wide(pl.col("points_fen"))
    return positions.select(
        *HOLDING,
        "points_fen",
        before_fen=toward_zero(points * before_pico),
        after_fen=toward_zero(points * after_pico),
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
    rows = changes.join(before.rename({"points_fen": "held_fen"}), on=HOLDING, how="left").join(rates, on="cohort_no")
    running = pl.col("points_fen").cum_sum().over(HOLDING, order_by="business_date")
    rows = rows.with_columns(after_fen=pl.col("held_fen") + running)
    rate = pl.col("cumulative_pico")
    was = toward_zero(wide(pl.col("after_fen") - pl.col("points_fen")) * rate)
    return rows.select(
        "business_date",
        *HOLDING,
        "points_fen",
        dividend_clawback=toward_zero(wide(pl.col("after_fen")) * rate) - was,
        points_retired=pl.when("retired").then(-pl.col("points_fen")).otherwise(0),
    )
