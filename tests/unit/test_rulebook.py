"""The rulebook: what the shipped one says, which version judges what, its fingerprint (SPEC 1, 11)."""

import pickle
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from schemas.rulebook import SHIPPED, load_rulebook
from tests.rulebook_texts import EAST, FIRST, LATER, SHIPPED_TEXT, TOP_PROMOTION, book_with, versions

SHANGHAI = timezone(timedelta(hours=8))
REAL_ORDERS = Path(__file__).parents[3] / "shared" / "data" / "orders" / "rulebook.toml"


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
    book = book_with(text=versions(FIRST, LATER))
    first, second = book.versions
    assert book.at(datetime(2024, 2, 29, 23, 59, 59, tzinfo=SHANGHAI)) is first
    assert book.at(datetime(2024, 3, 1, 0, 0, 0, tzinfo=SHANGHAI)) is second
    assert book.at(datetime(2024, 2, 29, 15, 59, 59, 999_999, tzinfo=UTC)) is first
    assert book.at(datetime(2024, 2, 29, 16, tzinfo=UTC)) is second


def test_a_moment_before_the_first_version_is_judged_by_the_first() -> None:
    book = book_with(text=versions(FIRST, LATER))
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
    book = book_with(text=versions(FIRST, start))
    assert book.index_on(last_day_of_the_first) == 0
    assert book.index_on(last_day_of_the_first + timedelta(days=1)) == 1
    assert book.on(last_day_of_the_first + timedelta(days=1)) is book.versions[1]


def test_a_date_before_the_first_version_is_refused() -> None:
    book = load_rulebook(SHIPPED)
    assert book.index_on(date(2019, 1, 1)) == 0
    with pytest.raises(ConfigurationError, match=r"2018-12-31 is before the first rules: 2019-01-01T00:00:00\+08:00"):
        book.on(date(2018, 12, 31))


def test_versions_are_sorted_whatever_their_order_in_the_file() -> None:
    forward = book_with(text=versions(FIRST, LATER))
    backward = book_with(text=versions(LATER, FIRST))
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
    assert book_with((old, new)).fingerprint == load_rulebook(SHIPPED).fingerprint


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
    assert book_with((old, new)).fingerprint != load_rulebook(SHIPPED).fingerprint


def test_fingerprint_ignores_the_order_of_region_prefixes_but_not_of_pools() -> None:
    other = EAST.replace('"31", "32"', '"32", "31"')
    north = EAST.replace("east", "north").replace('"31", "32"', '"11"')

    def print_of(*pools: str) -> str:
        return book_with(*(("[rules.dividend]", pool) for pool in pools)).fingerprint

    assert print_of(EAST, north) == print_of(other, north)
    assert print_of(EAST, north) != print_of(north, EAST)
