"""The ladder of promoters 推广员 (SPEC 8): who stands at which level in a month, and what the month leads to.

One call is one month; only the streaks and the next level go from one month to the following. A month is
judged by the rules of its own last day: levels are found by their code, their order is that of those rules.

    junior 初级商务: 30,000 points in each of 3 months, or 100,000 in one: trainee from the next month on.
    trainee 见习商务专员: under 30,000 points in 2 months in a row: junior from the next month on.
"""

from datetime import date
from typing import Final

import polars as pl

from schemas.errors import InputRefusedError
from schemas.rulebook import Level, Rules
from schemas.units import FEN, RATE

STREAKS: Final = ("promotion_streak", "miss_streak")
LEVEL_TERMS: Final = {
    "level": pl.String,
    "level_below": pl.String,  # null: the lowest
    "level_above": pl.String,  # null: the top
    "commission_pico": RATE,
    "mentoring_pico": RATE,
    "fixed_subsidy_fen": FEN,
    "full_bonus_fen": FEN,
    "promotion_fen": FEN,  # monthly points; null, like the next two: no promotion
    "promotion_months": pl.Int32,
    "single_month_fen": FEN,
    "assessment_fen": FEN,  # monthly points; null, like the next: no assessment
    "assessment_misses": pl.Int32,
}


def standings(month_end: date, promoters: pl.DataFrame, before: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Everybody who takes part, as the month begins: promoter_id, level, STREAKS, and the terms of the level.

    `promoters`: `Reference.promoters`; `before`: PROMOTER_MONTHS of the previous month, empty if not settled.
    Raises InputRefusedError if somebody starts at a level that the rules of the month do not have yet.
    """
    starting = (
        promoters.filter(pl.col("valid_from") <= month_end)
        .sort("promoter_id", "valid_from")
        .unique("promoter_id", keep="first", maintain_order=True)
        .select("promoter_id", "starting_level")
    )
    carried = before.select("promoter_id", "next_level", *STREAKS)
    lowest = pl.lit(rules.promoter_levels[0].code)
    rows = starting.join(carried, on="promoter_id", how="left").select(
        "promoter_id",
        pl.coalesce("next_level", "starting_level", lowest).alias("level"),
        pl.col(STREAKS).fill_null(0),
    )
    _refuse_unknown_level(rows, month_end, rules)
    return rows.join(level_terms(rules), on="level")


def level_terms(rules: Rules) -> pl.DataFrame:
    """LEVEL_TERMS: a row per level of one version, lowest first."""
    levels = rules.promoter_levels
    codes = [None, *(level.code for level in levels), None]
    neighbours = zip(codes[:-2], levels, codes[2:], strict=True)
    return pl.DataFrame([_terms(*row) for row in neighbours], schema=LEVEL_TERMS, orient="row")


def _terms(below: str | None, level: Level, above: str | None) -> tuple[str | int | None, ...]:
    up, down = level.promotion, level.assessment
    return (
        level.code,
        below,
        above,
        level.commission,
        level.mentoring,
        level.fixed_subsidy,
        level.bonus_subsidy,
        *((up.monthly_points, up.months, up.single_month_points) if up else (None, None, None)),
        *((down.monthly_points, down.misses) if down else (None, None)),
    )


def _refuse_unknown_level(rows: pl.DataFrame, month_end: date, rules: Rules) -> None:
    """The reference is checked against the levels of all versions; the month's may lack a later one's."""
    codes = [level.code for level in rules.promoter_levels]
    unknown = rows.filter(~pl.col("level").is_in(codes)).bottom_k(1, by="promoter_id")
    for promoter, level in unknown.select("promoter_id", "level").iter_rows():
        raise InputRefusedError(
            f'promoter {promoter} starts at level "{level}", which the rules of {month_end} do not have',
            where=f"reference/promoters, starting_level of promoter_id {promoter}",
            todo=f"name one of theirs ({', '.join(codes)}), or bring the level into the rules by then",
        )


def after_month(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `next_level` and the STREAKS that the next month begins with.

    In: `standings` with performance_fen. Promotion comes first; a change of level empties both streaks. Where
    no level is beyond, months are counted all the same: a later version may put one there.
    """
    performance = pl.col("performance_fen")
    # Without promotion or assessment these comparisons are null, which `when` takes as false.
    promoted = pl.col("level_above").is_not_null() & (
        (performance >= pl.col("single_month_fen")) | (pl.col("promotion_streak") >= pl.col("promotion_months"))
    )
    demoted = pl.col("level_below").is_not_null() & (pl.col("miss_streak") >= pl.col("assessment_misses"))
    next_level = pl.when(promoted).then("level_above").when(demoted).then("level_below").otherwise("level")
    stays = pl.col("next_level") == pl.col("level")
    return (
        rows.with_columns(
            promotion_streak=_counted("promotion_streak", performance >= pl.col("promotion_fen")),
            miss_streak=_counted("miss_streak", performance < pl.col("assessment_fen")),
        )
        .with_columns(next_level=next_level)
        .with_columns(pl.when(stays).then(pl.col(streak)).otherwise(0).alias(streak) for streak in STREAKS)
    )


def _counted(streak: str, goes_on: pl.Expr) -> pl.Expr:
    return pl.when(goes_on).then(pl.col(streak) + 1).otherwise(0)
