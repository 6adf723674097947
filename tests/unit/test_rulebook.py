"""The rulebook: what the shipped one says, which version judges what, what is remarked on (SPEC 1, 11)."""

import pickle
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from schemas.rulebook import (
    SHIPPED,
    Rulebook,
    load_rulebook,
    parse_rulebook,
    steady_needs,
    warnings,
)
from schemas.rulebook.decimals import decimal_text
from schemas.rulebook.remarks import paid_per_yuan
from schemas.units import PICO

SHANGHAI = timezone(timedelta(hours=8))
SHIPPED_TEXT = SHIPPED.read_text(encoding="utf-8")
REAL_ORDERS = Path(__file__).parents[3] / "shared" / "data" / "orders" / "rulebook.toml"
BOOK = Path("book.toml")
FIRST = "2019-01-01T00:00:00+08:00"
LATER = "2024-03-01T00:00:00+08:00"
TOP_PROMOTION = """
promotion = { monthly_points = "1", months = 1, single_month_points = "2" }
assessment = {"""
EAST = """
[[rules.pools]]
name = "east"
holder = "member"
launch = "1"
growth_target = "0.1"
earliest_day = 1
deadline_day = 1
baseline = "actual"
regions = ["31", "32"]
[rules.dividend]"""


def read(*changes: tuple[str, str], text: str = SHIPPED_TEXT) -> Rulebook:
    """The shipped rulebook with the first place of each text replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_rulebook(text, BOOK)


def versions(*starts: str, second: tuple[tuple[str, str], ...] = ()) -> str:
    """A book with the shipped rules from each start on, `second` changed in the second version."""
    body = SHIPPED_TEXT[SHIPPED_TEXT.index("\n[[rules]]") :]
    texts = [body.replace(FIRST, start, 1) for start in starts]
    for old, new in second:
        assert old in texts[1], old
        texts[1] = texts[1].replace(old, new, 1)
    return "\n".join(texts)


# What the shipped file says


def test_shipped_rulebook_has_the_values_of_the_contract() -> None:
    book = load_rulebook(SHIPPED)
    assert len(book.versions) == 1
    assert book.versions[0].model_dump() == {
        "effective_from": datetime(2018, 12, 31, 16, tzinfo=UTC),
        "intake": {
            "late_days": 30,
            "quarantine_limit": 20_000_000_000,
            "quarantine_min_rows": 100,
        },
        "earning": {
            "concession_min": 30_000_000_000,
            "concession_max": 200_000_000_000,
            "points_per_yuan": 1_000_000_000_000,
            "voucher_spend": "full",
            "member_coins_per_yuan": 5_000_000_000_000,
            "merchant_coins_per_yuan": 0,
        },
        "pools": (
            {
                "name": "consumer",
                "holder": "member",
                "launch": 100_000_000,
                "growth_target": 150_000_000_000,
                "earliest_day": 11,
                "deadline_day": 31,
                "baseline": "actual",
                "regions": (),
            },
            {
                "name": "merchant",
                "holder": "merchant",
                "launch": 1_000_000_000,
                "growth_target": 150_000_000_000,
                "earliest_day": 10,
                "deadline_day": 31,
                "baseline": "actual",
                "regions": (),
            },
        ),
        "dividend": {
            "first_rate": 5_000_000_000,
            "ceiling": 5_000_000_000_000,
            "max_payouts": 40,
            "funding_share": 400_000_000_000,
            "on_shortfall": "report",
        },
        "binding": {"rate": 50_000_000_000, "rebind": False, "own_store": True},
        "referral": {"rate": 50_000_000_000, "days": 0},
        "promoter_levels": (
            {
                "code": "junior",
                "title": "初级商务",
                "commission": 60_000_000_000,
                "mentoring": 10_000_000_000,
                "fixed_subsidy": 0,
                "bonus_subsidy": 0,
                "promotion": {"monthly_points": 3_000_000, "months": 3, "single_month_points": 10_000_000},
                "assessment": None,
            },
            {
                "code": "trainee",
                "title": "见习商务专员",
                "commission": 50_000_000_000,
                "mentoring": 10_000_000_000,
                "fixed_subsidy": 240_000,
                "bonus_subsidy": 160_000,
                "promotion": None,
                "assessment": {"monthly_points": 3_000_000, "misses": 2},
            },
        ),
        "mentoring": {"full_at": 1_000_000, "below": "prorata"},
        "agents": {"province": 20_000_000_000, "city": 30_000_000_000, "county": 50_000_000_000},
    }


def test_every_table_of_the_shipped_rulebook_has_a_source() -> None:
    (rules,) = tomllib.loads(SHIPPED_TEXT)["rules"]
    single = [table for table in rules.values() if isinstance(table, dict)]
    tables = [rules, *single, *rules["pools"], *rules["promoter_levels"]]
    assert len(tables) == 1 + 7 + 2 + 2
    assert all(table["source"].startswith(("Article", "Choice")) for table in tables)


@pytest.mark.skipif(not REAL_ORDERS.exists(), reason="the real orders are not here")
def test_rulebook_of_the_real_orders_loads() -> None:
    book = load_rulebook(REAL_ORDERS)
    assert book.versions[0].effective_from == datetime(2016, 1, 1, tzinfo=SHANGHAI)
    assert [pool.launch for pool in book.versions[0].pools] == [1_000_000, 2_000_000]


def test_rules_are_frozen_hashable_and_travel_between_processes() -> None:
    rules = load_rulebook(SHIPPED).versions[0]
    with pytest.raises(ValueError, match="frozen"):
        rules.effective_from = datetime.now(UTC)
    assert pickle.loads(pickle.dumps(rules)) == rules
    assert hash(rules) == hash(load_rulebook(SHIPPED).versions[0])


# Which version


def test_a_moment_is_judged_to_the_second_in_shanghai() -> None:
    book = read(text=versions(FIRST, LATER))
    first, second = book.versions
    assert book.at(datetime(2024, 2, 29, 23, 59, 59, tzinfo=SHANGHAI)) is first
    assert book.at(datetime(2024, 3, 1, 0, 0, 0, tzinfo=SHANGHAI)) is second
    assert book.at(datetime(2024, 2, 29, 15, 59, 59, 999_999, tzinfo=UTC)) is first
    assert book.at(datetime(2024, 2, 29, 16, tzinfo=UTC)) is second


def test_a_moment_before_the_first_version_is_judged_by_the_first() -> None:
    book = read(text=versions(FIRST, LATER))
    assert book.at(datetime(2001, 1, 1, tzinfo=UTC)) is book.versions[0]


@pytest.mark.parametrize(
    ("start", "last_day_of_the_first"),
    [
        ("2024-03-01T00:00:00+08:00", date(2024, 2, 29)),
        ("2024-02-29T23:59:59+08:00", date(2024, 2, 28)),
        ("2024-02-29T23:59:59.999999+08:00", date(2024, 2, 28)),
        ("2024-03-01T00:00:01+08:00", date(2024, 2, 29)),
        ("2024-02-29T16:00:00Z", date(2024, 2, 29)),
        ("2024-02-29T15:59:59Z", date(2024, 2, 28)),
    ],
)
def test_a_date_is_judged_at_its_end(start: str, last_day_of_the_first: date) -> None:
    book = read(text=versions(FIRST, start))
    assert book.index_on(last_day_of_the_first) == 0
    assert book.index_on(last_day_of_the_first + timedelta(days=1)) == 1
    assert book.on(last_day_of_the_first + timedelta(days=1)) is book.versions[1]


def test_a_date_before_the_first_version_is_refused() -> None:
    book = load_rulebook(SHIPPED)
    assert book.index_on(date(2019, 1, 1)) == 0
    with pytest.raises(ConfigurationError, match=r"2018-12-31 is before the first rules: 2019-01-01T00:00:00\+08:00"):
        book.on(date(2018, 12, 31))


def test_versions_are_sorted_whatever_their_order_in_the_file() -> None:
    forward = read(text=versions(FIRST, LATER))
    backward = read(text=versions(LATER, FIRST))
    assert backward.boundaries == (
        datetime(2018, 12, 31, 16, tzinfo=UTC),
        datetime(2024, 2, 29, 16, tzinfo=UTC),
    )
    assert backward.fingerprint == forward.fingerprint


# The fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('funding_share = "0.40"', 'funding_share = "00.4"'),
        ('launch = "1000000"', 'launch = "1000000.00"'),
        ("late_days = 30", "late_days = 0x1e  # thirty"),
        ("rebind = false\nown_store = true", "own_store = true\nrebind = false"),
        ("regions = []\n", ""),
        ('source = "Choice, all three', 'source = "Our own choice'),
        (FIRST, "2018-12-31T16:00:00Z"),
    ],
)
def test_fingerprint_does_not_depend_on_how_the_rules_are_written(old: str, new: str) -> None:
    assert read((old, new)).fingerprint == load_rulebook(SHIPPED).fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('funding_share = "0.40"', 'funding_share = "0.400000000001"'),
        ("late_days = 30", "late_days = 31"),
        ("[rules.dividend]", EAST),
        ("assessment = {", TOP_PROMOTION),
        (FIRST, "2019-01-01T00:00:01+08:00"),
    ],
)  # fmt: skip
def test_fingerprint_depends_on_every_rule(old: str, new: str) -> None:
    assert read((old, new)).fingerprint != load_rulebook(SHIPPED).fingerprint


def test_fingerprint_ignores_the_order_of_region_prefixes_but_not_of_pools() -> None:
    other = EAST.replace('"31", "32"', '"32", "31"')
    north = EAST.replace("east", "north").replace('"31", "32"', '"11"')

    def print_of(*pools: str) -> str:
        return read(*(("[rules.dividend]", pool) for pool in pools)).fingerprint

    assert print_of(EAST, north) == print_of(other, north)
    assert print_of(EAST, north) != print_of(north, EAST)


# What is remarked on


def test_the_shipped_rulebook_gives_no_cause_for_remarks() -> None:
    assert warnings(load_rulebook(SHIPPED)) == []


def test_payments_may_equal_the_concession_but_not_exceed_it_by_the_smallest_rate() -> None:
    # 0.40 + 1 x (0.05 + 0.05 + 0.06 + 0.01) + 0.10 = 0.67
    assert decimal_text(paid_per_yuan(load_rulebook(SHIPPED).versions[0]), 24) == "0.67"
    equal = read(('funding_share = "0.40"', 'funding_share = "0.73"'))
    assert paid_per_yuan(equal.versions[0]) == PICO**2
    assert warnings(equal) == []
    (remark,) = warnings(read(('funding_share = "0.40"', 'funding_share = "0.730000000001"')))
    assert remark.startswith(f"rules[{FIRST}]: payments can exceed the concession: 1.000000000001 yuan")


def test_the_highest_commission_and_mentoring_may_stand_on_two_levels() -> None:
    lower = read(('commission = "0.06"\nmentoring = "0.01"', 'commission = "0.06"\nmentoring = "0"'))
    assert decimal_text(paid_per_yuan(lower.versions[0]), 24) == "0.67"
    doubled = read(('points_per_yuan = "1"', 'points_per_yuan = "2.5"'))
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
    (remark,) = warnings(read((old, new)))
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
    (remark,) = warnings(read(*changes))
    assert remark.startswith(f"rules[{FIRST}]: dividends need more than funding_share, 0.")
    assert remark.endswith(f"at steady growth a period: {needs}")


def test_dividends_of_the_whole_budget_are_not() -> None:
    assert steady_needs(load_rulebook(SHIPPED).versions[0])[0] == Fraction(2, 5)
    assert steady_needs(load_rulebook(SHIPPED).versions[0])[15] < Fraction("0.358922799034")
    assert warnings(read(('funding_share = "0.40"', 'funding_share = "0.4000000001"'))) == []


def test_growth_beyond_the_target_takes_less() -> None:
    """Rates grow by the target only, each cohort weighs less by the growth: 0.005 x (1.1 / 1.15)^n, forty times."""
    slower = [('growth_target = "0.15"', 'growth_target = "0.10"')]
    rules = read(*slower, *slower).versions[0]
    by_hand = 2 * sum(Fraction("0.005") * Fraction(110, 115) ** payout for payout in range(40))
    assert abs(steady_needs(rules)[15] - by_hand) < Fraction(1, 10**9)


def test_of_pools_by_region_the_one_that_takes_most_counts() -> None:
    """The member pools have targets of 0.10 and 0.15: at 15 % the second one takes more."""
    east = ("[rules.dividend]", EAST.replace('growth_target = "0.1"', 'growth_target = "0.15"'))
    rules = read(('growth_target = "0.15"', 'growth_target = "0.10"'), east).versions[0]
    assert steady_needs(rules) == steady_needs(load_rulebook(SHIPPED).versions[0])


def test_a_ceiling_out_of_reach_is_remarked_on() -> None:
    # SPEC 6: with 15 % each time, 35 payouts come to 4.405850779502 and the 36th reaches 5.
    assert warnings(read(("max_payouts = 40", "max_payouts = 36"))) == []
    remarks = warnings(read(("max_payouts = 40", "max_payouts = 35")))
    assert [remark.split(": ", 1)[1] for remark in remarks] == [
        f"pools[{name}] never reaches the ceiling: 35 payouts add up to 4.405850779502 at most, not 5"
        for name in ("consumer", "merchant")
    ]


def test_a_deferred_rate_that_outgrows_its_column_is_remarked_on() -> None:
    # 0.005 x 2^27 = 671,088.64 is shown, 0.005 x 2^28 is not: the 29th payout
    double = (('growth_target = "0.15"', 'growth_target = "1"'), ('"report"', '"scale"'))
    (remark,) = warnings(read(*double))
    assert "pools[consumer]: a rate that is scaled down can grow past 999999 by payout 29" in remark
    assert "can grow" not in str(warnings(read(*double, ("max_payouts = 40", "max_payouts = 28"))))
    assert warnings(read(double[0])) == []
