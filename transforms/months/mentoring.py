"""Mentoring 辅导 (SPEC 8): what a mentor 辅导人 gets for each mentee, and what becomes of the rest.

A mentee with 50,000 points and a mentor's rate of 1 % make T = 500. A mentor with 4,000 points, `full_at`
being 10,000, gets 200 of it by `prorata` (500 x 4,000 / 10,000), 40 by `capped` (1 % of 4,000). The other 300
or 460 go to the mentor's own mentor, and no further; without one, they stay in the fund.
"""

from datetime import date

import polars as pl

from schemas.rulebook import Mentoring
from schemas.units import FEN
from transforms.exact.rounding import toward_zero, wide


def mentors_on(day: date, promoters: pl.DataFrame) -> pl.DataFrame:
    """promoter_id, mentor_id as of the end of `day`: those who have a mentor. In: `Reference.promoters`."""
    return (
        promoters.filter(pl.col("valid_from") <= day)
        .sort("promoter_id", "valid_from")
        .unique("promoter_id", keep="last", maintain_order=True)
        .filter(pl.col("mentor_id").is_not_null())
        .select("promoter_id", "mentor_id")
    )


def mentoring(rows: pl.DataFrame, mentors: pl.DataFrame, terms: Mentoring) -> pl.DataFrame:
    """promoter_id, mentoring_fen (shares and rests received), mentoring_unallocated_fen, if there are any.

    `rows`: promoter_id, performance_fen, mentoring_pico of everybody who takes part; `mentors`: `mentors_on`.
    Raises polars' InvalidOperationError if a sum does not fit 64 bits.
    """
    shared = shares(rows, mentors, terms)
    has_above = pl.col("above_id").is_not_null()
    own = shared.select(
        promoter_id="mentor_id",
        mentoring_fen="share_fen",
        mentoring_unallocated_fen=pl.when(has_above).then(0).otherwise("rest_fen"),
    )
    passed_up = shared.filter(has_above).select(
        promoter_id="above_id", mentoring_fen="rest_fen", mentoring_unallocated_fen=pl.lit(0, FEN)
    )
    amounts = pl.col("mentoring_fen", "mentoring_unallocated_fen")
    sums = pl.concat([own, passed_up]).group_by("promoter_id").agg(wide(amounts).sum())
    return sums.with_columns(amounts.cast(FEN))


def shares(rows: pl.DataFrame, mentors: pl.DataFrame, terms: Mentoring) -> pl.DataFrame:
    """A row per mentee above 0 whose mentor takes part: promoter_id and mentee_fen of the mentee, mentor_id, mentor_fen
    and mentoring_pico of the mentor, above_id (who gets the rest; null: nobody), whole_fen (T), share_fen, rest_fen.

    In: as for `mentoring`.
    """
    taking_part = mentors.join(rows, left_on="mentor_id", right_on="promoter_id", how="semi")
    mentees = rows.filter(pl.col("performance_fen") > 0).select("promoter_id", mentee_fen="performance_fen")
    own = rows.select("mentoring_pico", mentor_id="promoter_id", mentor_fen="performance_fen")
    above = taking_part.select(mentor_id="promoter_id", above_id="mentor_id")
    return (
        mentees.join(taking_part, on="promoter_id")
        .join(own, on="mentor_id")
        .join(above, on="mentor_id", how="left")
        .with_columns(whole_fen=toward_zero(wide(pl.col("mentee_fen")) * pl.col("mentoring_pico")))
        .with_columns(share_fen=_share(terms))
        .with_columns(rest_fen=pl.col("whole_fen") - pl.col("share_fen"))
    )


def _share(terms: Mentoring) -> pl.Expr:
    """The mentor's part of `whole_fen`; no branch exceeds it, since each is computed for all rows."""
    is_full = pl.col("mentor_fen") >= terms.full_at
    if terms.below == "capped":
        # the smaller of two amounts at one rate is the rate of the smaller
        basis = pl.min_horizontal("mentee_fen", pl.col("mentor_fen").clip(lower_bound=0))
        below = toward_zero(wide(basis) * pl.col("mentoring_pico"))
    else:
        # full_at 0: below it is a negative performance, whose part is 0 whatever the divisor
        part = pl.col("mentor_fen").clip(0, terms.full_at)
        below = toward_zero(wide(pl.col("whole_fen")) * part, max(terms.full_at, 1))
    return pl.when(is_full).then("whole_fen").otherwise(below)
