"""Promoters by calendar month (SPEC 8), with the levels that the business describes, worked by hand.

junior: 6 %, 1 %; 30,000 x 3 months or 100,000 in one. trainee: 5 %, 1 %, 2,400 + 1,600; under 30,000 twice.
Amounts in whole yuan or points where a name does not say fen.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import InputRefusedError
from schemas.rulebook import SHIPPED, RulebookError, Rules, parse_rulebook
from schemas.tables import LEDGER, PROMOTER_MONTHS
from transforms.promoters import promoter_month, promoter_postings

SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
RULES = parse_rulebook(SHIPPED_TEXT, SHIPPED).versions[0]
PROMOTERS = {
    "promoter_id": pl.Int64,
    "valid_from": pl.Date,
    "mentor_id": pl.Int64,
    "starting_level": pl.String,
}
LONG_AGO = date(2018, 1, 1)
FEN = 100
SENIOR = """
[[rules.promoter_levels]]
code = "senior"
title = "高级"
commission = "0.04"
mentoring = "0.02"
fixed_subsidy = "5000"
bonus_subsidy = "0"
"""


def changed(*changes: tuple[str, str], text: str = SHIPPED_TEXT) -> Rules:
    """The shipped rules with each text replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_rulebook(text, Path("book.toml")).versions[0]


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


JUNIOR, TRAINEE = ("junior", "junior"), ("trainee", "trainee")
RISES, FALLS = ("junior", "trainee"), ("trainee", "junior")


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([30_000] * 3, [JUNIOR, JUNIOR, RISES]),
        ([30_000, 30_000, 29_999, 30_000, 30_000], [JUNIOR] * 5),
        ([99_999, 100_000, 30_000], [JUNIOR, RISES, TRAINEE]),
        ([100_000, 0, 30_000, 0, 0], [RISES, TRAINEE, TRAINEE, TRAINEE, FALLS]),
        # fallen after two misses, the three months begin afresh, and so do the misses
        (
            [100_000, 0, 0, 30_000, 30_000, 30_000, 0, 0],
            [RISES, TRAINEE, FALLS, JUNIOR, JUNIOR, RISES, TRAINEE, FALLS],
        ),
        # a good month at the level below counts nothing at the level above, and the other way round
        (
            [100_000, 30_000, 0, 0, 30_000, 30_000, -5],
            [RISES, TRAINEE, TRAINEE, FALLS, JUNIOR, JUNIOR, JUNIOR],
        ),
    ],
)
def test_a_promoter_climbs_and_falls(points: list[int], expected: list[tuple[str, str]]) -> None:
    assert climb(points) == expected


PROMOTED = 'promotion = { monthly_points = "50000", months = 2, single_month_points = "200000" }'
THREE = changed(
    ('bonus_subsidy = "1600"', f'bonus_subsidy = "1600"\n{PROMOTED}'),
    (
        "[rules.mentoring]",
        f'{SENIOR}assessment = {{ monthly_points = "30000", misses = 2 }}\n[rules.mentoring]',
    ),
)


def test_the_starting_level_and_any_number_of_levels() -> None:
    levels = climb([50_000, 50_000, 30_000, 0], "trainee", [THREE] * 4)
    assert levels == [TRAINEE, ("trainee", "senior"), *[("senior", "senior")] * 2]
    # one level at a time, however good the month
    assert climb([500_000, 500_000], None, [THREE] * 2) == [RISES, ("trainee", "senior")]


def test_no_month_counts_for_two_levels() -> None:
    up = climb([50_000] * 5, None, [THREE] * 5)
    assert up == [JUNIOR, JUNIOR, RISES, TRAINEE, ("trainee", "senior")]
    down = climb([0] * 4, "senior", [THREE] * 4)
    assert down == [("senior", "senior"), ("senior", "trainee"), TRAINEE, FALLS]


def test_a_month_that_promotes_does_not_demote() -> None:
    """A strange rulebook: 20,000 points are few enough to fall and enough to rise."""
    rules = changed(
        ('bonus_subsidy = "1600"', f'bonus_subsidy = "1600"\n{PROMOTED.replace("200000", "20000")}'),
        ("misses = 2", "misses = 1"),
        ("[rules.mentoring]", f"{SENIOR}[rules.mentoring]"),
    )
    assert climb([20_000], "trainee", [rules]) == [("trainee", "senior")]
    assert climb([19_999], "trainee", [rules]) == [FALLS]


def test_each_month_is_judged_by_its_own_rules_and_streaks_go_on() -> None:
    stricter = changed(("30000", "40000"))
    assert climb([30_000, 30_000, 40_000], None, [RULES, RULES, stricter])[-1] == RISES
    assert climb([30_000, 30_000, 39_999], None, [RULES, RULES, stricter])[-1] == JUNIOR
    quicker = changed(("months = 3", "months = 1"))
    assert climb([30_000, 29_999, 30_000], None, [RULES, quicker, quicker])[1:] == [JUNIOR, RISES]


def test_above_and_below_are_those_of_the_months_rules() -> None:
    """The second version puts another level between the two."""
    between = changed(
        (
            '[[rules.promoter_levels]]\ncode = "trainee"',
            f'{SENIOR.strip()}\n[[rules.promoter_levels]]\ncode = "trainee"',
        )
    )
    assert climb([30_000, 30_000, 30_000], None, [RULES, RULES, between])[-1] == ("junior", "senior")
    assert climb([0, 0], "trainee", [RULES, between])[-1] == ("trainee", "senior")


def test_the_top_is_not_promoted_nor_the_lowest_demoted() -> None:
    top = changed(
        (
            "assessment =",
            'promotion = { monthly_points = "0", months = 1, single_month_points = "0" }\nassessment =',
        )
    )
    assert climb([30_000] * 2, "trainee", [top] * 2) == [TRAINEE] * 2
    lowest = changed(("promotion =", 'assessment = { monthly_points = "30000", misses = 1 }\npromotion ='))
    assert climb([0, 0, 0], None, [lowest] * 3) == [JUNIOR] * 3


def test_a_level_once_used_stays_so_nobody_can_stand_on_none() -> None:
    version = SHIPPED_TEXT[SHIPPED_TEXT.index("\n[[rules]]") :]
    start, end = (
        version.index('[[rules.promoter_levels]]\ncode = "junior"'),
        version.rindex("[[rules.promoter_levels]]"),
    )
    later = (version[:start] + version[end:]).replace("2019-01-01", "2020-01-01", 1)
    with pytest.raises(RulebookError, match='a level with code "junior"'):
        parse_rulebook(version + later, Path("book.toml"))


def test_a_starting_level_of_later_rules_is_refused_by_name() -> None:
    with pytest.raises(InputRefusedError, match=r'promoter 8 starts at level "senior".*2019-01-31') as refusal:
        one_month({}, (7, LONG_AGO, None, None), (9, LONG_AGO, None, "senior"), (8, LONG_AGO, None, "senior"))
    assert "junior, trainee" in refusal.value.todo


def test_the_starting_level_is_that_of_the_first_row() -> None:
    people = ((7, LONG_AGO, None, "trainee"), (7, date(2018, 6, 1), None, None))
    assert one_month({}, *people)[7]["level"] == "trainee"


def test_a_promoter_takes_part_from_the_month_of_the_first_row() -> None:
    people = (
        (1, date(2019, 1, 31), None, "trainee"),
        (1, date(2019, 2, 1), None, None),
        (2, date(2019, 2, 1), None, None),
    )
    january = one_month({1: 30_000_00, 2: 999_999_00}, *people)
    assert list(january) == [1]
    assert january[1]["fixed_subsidy_fen"] == 2_400_00, "part months in full"
    before = promoter_month(JANUARY, performance({}), promoters(*people), PROMOTER_MONTHS.empty(), RULES)
    february = one_month({}, *people, month_end=FEBRUARY, before=before)
    assert {key: row["level"] for key, row in february.items()} == {1: "trainee", 2: "junior"}
    assert february[1]["next_level"] == "junior", "two misses, of which the first was in January"


@pytest.mark.parametrize(
    ("level", "fen", "commission", "fixed", "bonus"),
    [
        ("junior", 12_345_67, 740_74, 0, 0),  # 740.7402
        ("junior", -12_345_67, -740_74, 0, 0),  # toward zero
        ("trainee", 29_999_99, 1_499_99, 2_400_00, 0),  # 1499.9995
        ("trainee", 30_000_00, 1_500_00, 2_400_00, 1_600_00),
        ("trainee", 0, 0, 2_400_00, 0),
    ],
)
def test_commission_and_subsidies(level: str, fen: int, commission: int, fixed: int, bonus: int) -> None:
    row = one_month({7: fen} if fen else {}, (7, LONG_AGO, None, level))[7]
    assert row["performance_fen"] == fen
    assert row["commission_fen"] == commission
    assert (row["fixed_subsidy_fen"], row["bonus_subsidy_fen"]) == (fixed, bonus)


def test_a_level_without_assessment_always_pays_its_bonus() -> None:
    rules = changed(('bonus_subsidy = "0"', 'bonus_subsidy = "70"'))
    assert one_month({7: -100}, (7, LONG_AGO, None, None), rules=rules)[7]["bonus_subsidy_fen"] == 70_00


PRORATA, CAPPED = RULES, changed(('below = "prorata"', 'below = "capped"'))
FREE = ('full_at = "10000"', 'full_at = "0"')
FREE_PRORATA, FREE_CAPPED = changed(FREE), changed(FREE, ('below = "prorata"', 'below = "capped"'))
CHAIN = ((1, LONG_AGO, None, None), (2, LONG_AGO, 1, None), (3, LONG_AGO, 2, None), (4, LONG_AGO, 3, None))


@pytest.mark.parametrize(
    ("rules", "mentor_fen", "share"),
    [
        (PRORATA, 10_000_00, 500_00),
        (PRORATA, 9_999_99, 499_99),  # 499.9995
        (PRORATA, 4_000_00, 200_00),
        (PRORATA, 0, 0),
        (PRORATA, -4_000_00, 0),
        (CAPPED, 10_000_00, 500_00),
        (CAPPED, 9_999_99, 99_99),  # 99.9999
        (CAPPED, 4_000_00, 40_00),
        (CAPPED, -4_000_00, 0),
        (FREE_PRORATA, 0, 500_00),
        (FREE_PRORATA, -1, 0),
        (FREE_CAPPED, 0, 500_00),
        (FREE_CAPPED, -1, 0),
    ],
)
def test_a_mentors_share_and_the_rest_one_step_up(rules: Rules, mentor_fen: int, share: int) -> None:
    """4, with 50,000 points, is mentored by 3, by 2, by 1: T = 500. 2 also gets its share of 3's own."""
    months = one_month({3: mentor_fen, 4: 50_000_00}, *CHAIN, rules=rules)
    assert months[3]["mentoring_fen"] == share
    own_of_two = months[2]["mentoring_fen"] - (500_00 - share)
    assert own_of_two == one_month({3: mentor_fen}, *CHAIN, rules=rules)[2]["mentoring_fen"]
    assert [months[number]["mentoring_unallocated_fen"] for number in (3, 4)] == [0, 0]


def test_the_rest_goes_no_further_than_the_mentors_mentor() -> None:
    """2 has no performance either, and keeps the rest all the same; 1 gets nothing of it."""
    months = one_month({4: 50_000_00}, *CHAIN)
    assert [months[number]["mentoring_fen"] for number in (1, 2, 3, 4)] == [0, 500_00, 0, 0]


def test_without_a_mentors_mentor_the_rest_is_unallocated_on_the_mentor() -> None:
    months = one_month({1: 4_000_00, 2: 50_000_00}, *CHAIN[:2])
    assert (months[1]["mentoring_fen"], months[1]["mentoring_unallocated_fen"]) == (200_00, 300_00)
    assert months[2]["mentoring_unallocated_fen"] == 0


def test_each_mentee_by_itself_truncated_by_itself() -> None:
    """Two mentees with 1.50 points make 0.01 each (0.015), not 0.03; the mentor's rate counts, not theirs."""
    people = ((1, LONG_AGO, None, None), (2, LONG_AGO, 1, "trainee"), (3, LONG_AGO, 1, None))
    assert one_month({1: 10_000_00, 2: 150, 3: 150}, *people)[1]["mentoring_fen"] == 2
    rules = changed(('mentoring = "0.01"', 'mentoring = "0.02"'))
    assert one_month({1: 10_000_00, 2: 150, 3: 150}, *people, rules=rules)[1]["mentoring_fen"] == 6


def test_a_mentee_at_or_below_zero_makes_nothing() -> None:
    months = one_month({1: 4_000_00, 2: -50_000_00}, *CHAIN[:2])
    assert (months[1]["mentoring_fen"], months[1]["mentoring_unallocated_fen"]) == (0, 0)


def test_relations_are_those_of_the_last_day() -> None:
    people = (
        (1, LONG_AGO, None, None),
        (2, LONG_AGO, None, None),
        (3, LONG_AGO, 1, None),
        (3, date(2019, 1, 31), 2, None),
        (3, date(2019, 2, 1), None, None),
    )
    points = {1: 10_000_00, 2: 10_000_00, 3: 100_00}
    shares = [
        [one_month(points, *people, month_end=day)[number]["mentoring_fen"] for number in (1, 2)]
        for day in (date(2018, 12, 31), JANUARY, FEBRUARY)
    ]
    assert shares == [[1_00, 0], [0, 1_00], [0, 0]]


def test_a_mentor_who_does_not_take_part_yet_is_none() -> None:
    late = (date(2019, 2, 1), None, None)
    months = one_month({2: 50_000_00}, (1, *late), (2, LONG_AGO, 1, None))
    assert list(months) == [2]
    assert not any(months[2][column] for column in ("mentoring_fen", "mentoring_unallocated_fen"))
    months = one_month({2: 0, 3: 50_000_00}, (1, *late), (2, LONG_AGO, 1, None), (3, LONG_AGO, 2, None))
    assert (months[2]["mentoring_fen"], months[2]["mentoring_unallocated_fen"]) == (0, 500_00)


def test_the_largest_amounts_are_exact_or_refused() -> None:
    """A branch that is not taken must not overflow; a sum that does not fit must not wrap."""
    huge = 9 * 10**18
    tiny_full_at = changed(('full_at = "10000"', 'full_at = "0.01"'))
    people = CHAIN[:2]
    for rules in (tiny_full_at, CAPPED):
        assert one_month({1: huge, 2: huge}, *people, rules=rules)[1]["mentoring_fen"] == huge // 100
    with pytest.raises(pl.exceptions.InvalidOperationError):
        one_month({1: huge}, *people, rules=changed(('commission = "0.06"', 'commission = "2"')))


def test_postings_are_the_amounts_of_the_months_and_none_of_zero() -> None:
    rows = promoter_month(
        JANUARY,
        performance({1: 30_000_00, 2: 100_00, 3: -100}),
        promoters((1, LONG_AGO, None, "trainee"), (2, LONG_AGO, 1, None), (3, LONG_AGO, None, None)),
        PROMOTER_MONTHS.empty(),
        RULES,
    )
    posted = promoter_postings(rows, JANUARY, 4)
    assert dict(posted.schema) == LEDGER.schema
    assert posted.select("holder_id", "kind", "amount_fen").sort(pl.all()).rows() == [
        (1, "bonus_subsidy", 1_600_00),
        (1, "commission", 1_500_00),
        (1, "fixed_subsidy", 2_400_00),
        (1, "mentoring", 1_00),
        (2, "commission", 6_00),
        (3, "commission", -6),
    ]
    constant = posted.select("business_date", "value_date", "holder_kind", "asset", "pool", "origin").unique()
    assert constant.rows() == [(JANUARY, JANUARY, "promoter", "cash", "", "settlement")]
    assert promoter_postings(PROMOTER_MONTHS.empty(), JANUARY, 4).equals(LEDGER.empty())
