"""Promoters 推广员 (SPEC 8): what a calendar month pays, decided in the run of its last day.

A trainee with 29,999.99 points gets 5 % of them, 1,499.99 yuan, and a subsidy of 2,400; from 30,000 points
on, another of 1,600.
"""

from datetime import date
from typing import Final

import polars as pl

from schemas.rulebook import Rules
from schemas.tables import PROMOTER_MONTHS
from schemas.units import FEN
from transforms.books.ledger import posted
from transforms.exact.rounding import toward_zero, wide
from transforms.months.ladder import after_month, standings
from transforms.months.mentoring import mentoring, mentors_on

KINDS: Final = ("commission", "mentoring", "fixed_subsidy", "bonus_subsidy")


def promoter_month(
    month_end: date, performance: pl.DataFrame, promoters: pl.DataFrame, before: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """PROMOTER_MONTHS of one month: a row per promoter who takes part.

    `performance`: promoter_id, points_fen (part sums are added up; who does not take part is left out);
    `promoters`: `Reference.promoters`; `before`: PROMOTER_MONTHS of the previous month, empty if not settled;
    `rules`: those of `month_end`. Raises InputRefusedError for a starting level that the rules do not have,
    polars' InvalidOperationError if a sum does not fit 64 bits.
    """
    sums = performance.group_by("promoter_id").agg(performance_fen=wide(pl.col("points_fen")).sum())
    rows = (
        standings(month_end, promoters, before, rules)
        .join(sums, on="promoter_id", how="left")
        .with_columns(pl.col("performance_fen").fill_null(0).cast(FEN))
    )
    received = mentoring(rows, mentors_on(month_end, promoters), rules.mentoring)
    return (
        rows.join(received, on="promoter_id", how="left")
        .with_columns(pl.col("mentoring_fen", "mentoring_unallocated_fen").fill_null(0))
        .with_columns(_commission(), _bonus_subsidy(), pl.lit(month_end.replace(day=1)).alias("month"))
        .pipe(after_month)
        .select(PROMOTER_MONTHS.schema.keys())
        .sort(PROMOTER_MONTHS.key)
    )


def _commission() -> pl.Expr:
    """Of a negative month negative: what refunds take back had been paid."""
    amount = toward_zero(wide(pl.col("performance_fen")) * pl.col("commission_pico"))
    return amount.alias("commission_fen")


def _bonus_subsidy() -> pl.Expr:
    failed = pl.col("performance_fen") < pl.col("assessment_fen")  # null without assessment: not failed
    return pl.when(failed).then(0).otherwise("full_bonus_fen").alias("bonus_subsidy_fen")


def promoter_postings(months: pl.DataFrame, month_end: date, buckets: int) -> pl.DataFrame:
    """LEDGER rows of one month's PROMOTER_MONTHS, on its last day."""
    parts = [
        posted(
            months.select(holder_id="promoter_id", amount_fen=f"{kind}_fen", business_date=pl.lit(month_end)),
            "promoter",
            "cash",
            kind,
            buckets,
        )
        for kind in KINDS
    ]
    return pl.concat(parts)
