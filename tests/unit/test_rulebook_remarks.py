"""The rulebook: what is remarked on, though it is not refused (SPEC 11)."""

from fractions import Fraction

import pytest

from schemas.rulebook import SHIPPED, load_rulebook
from schemas.rulebook.decimals import decimal_text
from schemas.units import PICO
from tests.rulebook_texts import EAST, FIRST, TOP_PROMOTION, book_with
from transforms.rulebook_check.remarks import paid_per_yuan, warnings
from transforms.rulebook_check.steady import steady_needs


def test_the_shipped_rulebook_gives_no_cause_for_remarks() -> None:
    assert warnings(load_rulebook(SHIPPED)) == []


def test_payments_may_equal_the_concession_but_not_exceed_it_by_the_smallest_rate() -> None:
    # 0.40 + 1 x (0.05 + 0.05 + 0.06 + 0.01) + 0.10 = 0.67
    assert decimal_text(paid_per_yuan(load_rulebook(SHIPPED).versions[0]), 24) == "0.67"
    equal = book_with(('funding_share = "0.40"', 'funding_share = "0.73"'))
    assert paid_per_yuan(equal.versions[0]) == PICO**2
    assert warnings(equal) == []
    (remark,) = warnings(book_with(('funding_share = "0.40"', 'funding_share = "0.730000000001"')))
    assert remark.startswith(f"rules[{FIRST}]: payments can exceed the concession: 1.000000000001 yuan")


def test_the_highest_commission_and_mentoring_may_stand_on_two_levels() -> None:
    lower = book_with(('commission = "0.06"\nmentoring = "0.01"', 'commission = "0.06"\nmentoring = "0"'))
    assert decimal_text(paid_per_yuan(lower.versions[0]), 24) == "0.67"
    doubled = book_with(('points_per_yuan = "1"', 'points_per_yuan = "2.5"'))
    assert decimal_text(paid_per_yuan(doubled.versions[0]), 24) == "0.925"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("assessment = {", TOP_PROMOTION,
         'promoter_levels[trainee].promotion can never happen: no level stands above "trainee"'),
        ("promotion = {", "# {", 'nobody is promoted to "trainee": promoter_levels[junior] has no promotion'),
        ('single_month_points = "100000"', 'single_month_points = "30000"', "a single month of 30000 points"),
        ("promotion = {", "assessment = { monthly_points = '1', misses = 1 }\npromotion = {",
         "promoter_levels[junior].assessment has no effect"),
        (FIRST, "2019-01-01T00:00:00Z", "effective_from lies within 2019-01-01 in Shanghai"),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_remarked_on(old: str, new: str, words: str) -> None:
    (remark,) = warnings(book_with((old, new)))
    assert words in remark


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ([('funding_share = "0.40"', 'funding_share = "0.36"')], "0.4 at 10 %, 0.4 at 5 %, 0.4 at 0 %"),
        # 35 x 0.005, and of the 36th what the ceiling leaves, divided by 1.15^35; twice.
        (
            [('funding_share = "0.40"', 'funding_share = "0.358922799033"')],
            "0.358923 at 15 %, 0.4 at 10 %, 0.4 at 5 %, 0.4 at 0 %",
        ),
        ([("max_payouts = 40", "max_payouts = 41")], "0.41 at 10 %, 0.41 at 5 %, 0.41 at 0 %"),
        ([('first_rate = "0.005"', 'first_rate = "0.0050001"')], "0.400008 at 10 %, 0.400008 at 5 %, 0.400008 at 0 %"),
        ([('points_per_yuan = "1"', 'points_per_yuan = "1.001"')], "0.4004 at 10 %, 0.4004 at 5 %, 0.4004 at 0 %"),
    ],
)
def test_dividends_above_their_budget_at_steady_growth_are_remarked_on(
    changes: list[tuple[str, str]], needs: str
) -> None:
    (remark,) = warnings(book_with(*changes))
    assert remark.startswith(f"rules[{FIRST}]: dividends need more than funding_share, 0.")
    assert remark.endswith(f"at steady growth a period: {needs}")


def test_dividends_of_the_whole_budget_are_not() -> None:
    assert steady_needs(load_rulebook(SHIPPED).versions[0])[0] == Fraction(2, 5)
    assert steady_needs(load_rulebook(SHIPPED).versions[0])[15] < Fraction("0.358922799034")
    assert warnings(book_with(('funding_share = "0.40"', 'funding_share = "0.4000000001"'))) == []


def test_growth_beyond_the_target_takes_less() -> None:
    """Rates grow by the target only, each cohort weighs less by the growth: 0.005 x (1.1 / 1.15)^n, forty times."""
    slower = [('growth_target = "0.15"', 'growth_target = "0.10"')]
    rules = book_with(*slower, *slower).versions[0]
    by_hand = 2 * sum(Fraction("0.005") * Fraction(110, 115) ** payout for payout in range(40))
    assert abs(steady_needs(rules)[15] - by_hand) < Fraction(1, 10**9)


def test_of_pools_by_region_the_one_that_takes_most_counts() -> None:
    """The member pools have targets of 0.10 and 0.15: at 15 % the second one takes more."""
    east = ("[rules.dividend]", EAST.replace('growth_target = "0.1"', 'growth_target = "0.15"'))
    rules = book_with(('growth_target = "0.15"', 'growth_target = "0.10"'), east).versions[0]
    assert steady_needs(rules) == steady_needs(load_rulebook(SHIPPED).versions[0])


def test_a_ceiling_out_of_reach_is_remarked_on() -> None:
    # SPEC 6: with 15 % each time, 35 payouts come to 4.405850779502 and the 36th reaches 5.
    assert warnings(book_with(("max_payouts = 40", "max_payouts = 36"))) == []
    remarks = warnings(book_with(("max_payouts = 40", "max_payouts = 35")))
    assert [remark.split(": ", 1)[1] for remark in remarks] == [
        f"pools[{name}] never reaches the ceiling: 35 payouts add up to 4.405850779502 at most, not 5"
        for name in ("consumer", "merchant")
    ]


def test_a_ceiling_that_the_last_payout_just_reaches_is_not() -> None:
    # 0.005 x (1 + 2 + 4 + 8) = 0.075
    double = [('growth_target = "0.15"', 'growth_target = "1"')] * 2
    exact = [*double, ("max_payouts = 40", "max_payouts = 4"), ('ceiling = "5"', 'ceiling = "0.075"')]
    assert "never reaches" not in str(warnings(book_with(*exact)))
    out_of_reach = [*exact[:-1], ('ceiling = "5"', 'ceiling = "0.0751"')]
    assert str(warnings(book_with(*out_of_reach))).count("never reaches the ceiling: 4 payouts add up to 0.075") == 2


def test_a_deferred_rate_that_outgrows_its_column_is_remarked_on() -> None:
    # 0.005 x 2^27 = 671,088.64 is shown, 0.005 x 2^28 is not: the 29th payout
    double = (('growth_target = "0.15"', 'growth_target = "1"'), ('"report"', '"scale"'))
    (remark,) = warnings(book_with(*double))
    assert "pools[consumer]: a rate that is scaled down can grow past 999999 by payout 29" in remark
    assert "can grow" not in str(warnings(book_with(*double, ("max_payouts = 40", "max_payouts = 28"))))
    assert warnings(book_with(double[0])) == []
