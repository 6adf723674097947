"""Months of promoters for tests: people, what they made, and the levels that come of it (SPEC 8).

junior: 6 %, 1 %; 30,000 x 3 months or 100,000 in one. trainee: 5 %, 1 %, 2,400 + 1,600; under 30,000 twice.
Amounts in whole yuan or points where a name does not say fen.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from schemas.rulebook import Rules
from schemas.tables import PROMOTER_MONTHS
from tests.rulebook_texts import book_with
from transforms.months.promoters import promoter_month

RULES = book_with().versions[0]
PROMOTERS = {
    "promoter_id": pl.Int64,
    "valid_from": pl.Date,
    "mentor_id": pl.Int64,
    "starting_level": pl.String,
}
LONG_AGO = date(2018, 1, 1)
FEN = 100


def changed(*changes: tuple[str, str]) -> Rules:
    """The shipped rules with each text replaced."""
    return book_with(*changes).versions[0]


def month_ends(count: int, year: int = 2019) -> list[date]:
    firsts = [date(year + number // 12, number % 12 + 1, 1) for number in range(1, count + 1)]
    return [first - timedelta(days=1) for first in firsts]


JANUARY, FEBRUARY = month_ends(2)


def promoters(*rows: tuple[int, date, int | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PROMOTERS, orient="row").sort("promoter_id", "valid_from")


def performance(points_fen: Mapping[int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        list(points_fen.items()), schema={"promoter_id": pl.Int64, "points_fen": pl.Int64}, orient="row"
    )


def one_month(
    points_fen: Mapping[int, int],
    *people: tuple[int, date, int | None, str | None],
    rules: Rules = RULES,
    month_end: date = JANUARY,
    before: pl.DataFrame | None = None,
) -> dict[int, dict[str, Any]]:
    """The rows by promoter, without a month before unless there is one."""
    before = PROMOTER_MONTHS.empty() if before is None else before
    rows = promoter_month(month_end, performance(points_fen), promoters(*people), before, rules)
    assert dict(rows.schema) == PROMOTER_MONTHS.schema
    return {row["promoter_id"]: row for row in rows.iter_rows(named=True)}


def climb(points: Sequence[int], start: str | None = None, rules: Sequence[Rules] = ()) -> list[tuple[str, str]]:
    """Level and next level of one promoter, by month; `rules` of each month, if not the shipped ones."""
    before, levels = PROMOTER_MONTHS.empty(), []
    people = promoters((7, LONG_AGO, None, start))
    for number, month_end in enumerate(month_ends(len(points))):
        terms = rules[number] if rules else RULES
        before = promoter_month(month_end, performance({7: points[number] * FEN}), people, before, terms)
        levels.append((before["level"][0], before["next_level"][0]))
    return levels
