"""Promoters by calendar month: commission, subsidies and mentoring (SPEC 8), worked by hand."""

from datetime import date

import polars as pl
import pytest

from schemas.rulebook import Rules
from schemas.tables import LEDGER, PROMOTER_MONTHS
from tests.promoter_months import FEBRUARY, JANUARY, LONG_AGO, RULES, changed, one_month, performance, promoters
from transforms.months.promoters import promoter_month, promoter_postings


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
