"""Promoters by calendar month: who takes part, and on which level (SPEC 8), worked by hand."""

from datetime import date

import pytest

from schemas.errors import InputRefusedError
from schemas.rulebook import RulebookError
from schemas.tables import PROMOTER_MONTHS
from tests.promoter_months import FEBRUARY, JANUARY, LONG_AGO, RULES, changed, climb, one_month, performance, promoters
from tests.rulebook_texts import ONE_VERSION, book_with
from transforms.months.promoters import promoter_month

SENIOR = """
[[rules.promoter_levels]]
code = "senior"
title = "高级"
commission = "0.04"
mentoring = "0.02"
fixed_subsidy = "5000"
bonus_subsidy = "0"
"""


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
    start, end = (
        ONE_VERSION.index('[[rules.promoter_levels]]\ncode = "junior"'),
        ONE_VERSION.rindex("[[rules.promoter_levels]]"),
    )
    later = (ONE_VERSION[:start] + ONE_VERSION[end:]).replace("2019-01-01", "2020-01-01", 1)
    with pytest.raises(RulebookError, match='a level with code "junior"'):
        book_with(text=ONE_VERSION + later)


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
