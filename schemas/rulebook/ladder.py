"""The ladder of promoters 推广员 (商务): levels, what they pay, what moves a promoter up or down (SPEC 8)."""

from typing import Annotated

from pydantic import AfterValidator

from schemas.rulebook.refusals import Part, refused, refused_parts
from schemas.rulebook.table import Table
from schemas.rulebook.values import Fen, Label, Name, Pico, PositiveCount, array_of


class Promotion(Table):
    """Up one level: `monthly_points` (fen) in each of `months` months, or `single_month_points` in one."""

    monthly_points: Fen
    months: PositiveCount
    single_month_points: Fen


class Assessment(Table):
    """Down one level: under `monthly_points` (fen of points) in `misses` consecutive months."""

    monthly_points: Fen
    misses: PositiveCount


class Level(Table):
    """One level: `commission` and `mentoring` in pico of points, subsidies in fen of yuan a month."""

    code: Name
    title: Label
    commission: Pico
    mentoring: Pico
    fixed_subsidy: Fen
    bonus_subsidy: Fen
    promotion: Promotion | None = None
    assessment: Assessment | None = None


def fitting_levels(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels as they are, lowest first; refused if there is none, or two share a code (SPEC 8)."""
    if not levels:
        raise refused("at least one table, headed [[rules.promoter_levels]]")
    codes = [level.code for level in levels]
    repeated = [
        Part(
            (index, "code"),
            f'"{code}"',
            f"a code of its own: levels number {codes.index(code) + 1} and {index + 1} share this one",
        )
        for index, code in enumerate(codes)
        if codes.index(code) != index
    ]
    if repeated:
        raise refused_parts(repeated)
    return levels


Levels = Annotated[
    tuple[Level, ...],
    array_of("tables, each headed [[rules.promoter_levels]]"),
    AfterValidator(fitting_levels),
]
