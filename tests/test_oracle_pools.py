"""The oracle proves itself: pools, dividends and clawbacks (SPEC 5 to 7), by the SPEC's own examples and by hand."""

from decimal import Decimal
from pathlib import Path

from tests.consistency import assert_consistent
from tests.oracle_answers import growing, posted, total
from tests.tiny import FIRST, day, purchase, refund, settle_tiny


def test_two_hundred_points_grow_as_the_spec_says(tmp_path: Path) -> None:
    """SPEC 6: 1.00, 2.15, 3.47, 4.99, 6.74 ... 881.17 after 35, 1000.00 after 36, then retired."""
    tables = settle_tiny(tmp_path, growing(39), 39)
    paid = [amount for _, amount in posted(tables, "dividend", "member", 1)]
    sums = [sum(paid[:times], Decimal(0)) for times in range(1, len(paid) + 1)]
    assert [str(amount) for amount in sums[:5]] == ["1.00", "2.15", "3.47", "4.99", "6.74"]
    assert [str(amount) for amount in sums[34:]] == ["881.17", "1000.00"]
    rates = [row for row in tables["cohort_rates"] if row[:2] == ("consumer", 1)]
    assert (rates[34][3], str(rates[34][5])) == (35, "4.405850779502")
    assert (rates[35][3], str(rates[35][5]), len(rates)) == (36, "5.000000000000", 36)
    retired = [row for row in tables["ledger"] if row[5] == "points_retired" and row[3] == 1]
    assert retired == [
        (
            day(36),
            day(37),
            "member",
            1,
            "points",
            "points_retired",
            "consumer",
            "settlement",
            Decimal("-200.00"),
        )
    ]
    assert_consistent(tables)


def test_events_by_growth_and_by_deadline(tmp_path: Path) -> None:
    days = {1: [purchase("p", 1, "2000")], 3: [purchase("p", 3, "299.90")], 4: [purchase("p", 4, "0.10")]}
    rules = {"earliest_day = 1\ndeadline_day = 31": "earliest_day = 3\ndeadline_day = 5"}
    events = settle_tiny(tmp_path, days, 15, rules=rules)["pool_events"]
    told = [(row[1], (row[2] - FIRST).days + 1, row[4], str(row[5]), str(row[6]), str(row[7])) for row in events]
    assert told == [
        (1, 1, "launch", "200.00", "200.00", "0E-12"),
        (2, 4, "growth", "200.00", "230.00", "0.150000000000"),  # P = day 5 = 2 + 3, and 230 = 200 x 1.15
        (3, 9, "deadline", "230.00", "230.00", "0E-12"),
        (4, 14, "deadline", "230.00", "230.00", "0E-12"),
    ]


def test_a_pool_that_shrank_keeps_its_rate_and_its_baseline(tmp_path: Path) -> None:
    """Deadlines find 150 and 220 of the 200 that it had: 0.5 % again, then a tenth more."""
    days = {1: [purchase("p", 1, "2000")], 2: [refund("r", 2, "500", "p", 1)], 7: [purchase("q", 7, "700", member=2)]}
    rules = {"earliest_day = 1\ndeadline_day = 31": "earliest_day = 5\ndeadline_day = 5"}
    tables = settle_tiny(tmp_path, days, 11, rules=rules)
    told = [(row[4], *map(str, row[5:8])) for row in tables["pool_events"]]
    assert told == [
        ("launch", "200.00", "200.00", "0E-12"),
        ("deadline", "200.00", "150.00", "0E-12"),
        ("deadline", "200.00", "220.00", "0.100000000000"),
    ]
    rates = [str(row[4]) for row in tables["cohort_rates"] if row[:2] == ("consumer", 1)]
    assert rates == ["0.005000000000", "0.005000000000", "0.005500000000"]
    assert_consistent(tables)


def test_a_threshold_baseline_forgets_what_is_above_it(tmp_path: Path) -> None:
    days = {1: [purchase("p", 1, "3050")]}
    events = settle_tiny(tmp_path, days, 5, rules={'baseline = "actual"': 'baseline = "threshold"'})["pool_events"]
    assert [str(row[5]) for row in events] == ["200.00", "200.00", "230.00", "264.50"]
    assert [str(row[7]) for row in events[:3]] == ["0E-12", "0.150000000000", "0.150000000000"]
    assert [row[4] for row in events] == ["launch", "growth", "growth", "growth"]


def test_a_refund_of_closed_points_claws_back(tmp_path: Path) -> None:
    """After two payouts M = 0.01075: trunc(1.075) - trunc(2.15) = -1.08."""
    days = growing(4)
    days[3] = [refund("r", 3, "1000", "p", 1)]
    tables = settle_tiny(tmp_path, days, 4)
    assert posted(tables, "dividend_clawback", "member", 1) == [(3, Decimal("-1.08"))]
    assert ("consumer", 1, 1, Decimal("100.00")) in tables["positions"]
    assert_consistent(tables)


def test_a_refund_of_retired_points_gives_them_back_to_nobody(tmp_path: Path) -> None:
    days = growing(5) | {5: [refund("r", 5, "500", "p", 1)]}
    tables = settle_tiny(tmp_path, days, 5, rules={"max_payouts = 40": "max_payouts = 2"})
    assert posted(tables, "points_retired", "member", 1) == [(2, Decimal(-200)), (5, Decimal(50))]
    assert posted(tables, "dividend_clawback", "member", 1) == [(5, Decimal("-0.54"))]  # 1.61 - 2.15
    assert total(tables, "points_earned", "member", 1) == 150
    assert ("member", 1, "points") not in {row[:3] for row in tables["balances"]}
    assert_consistent(tables)


def test_a_shortfall_is_reported_or_scaled(tmp_path: Path) -> None:
    """Of 200.00 concession a thousandth is 0.20, against a need of 1.00."""
    share = {'funding_share = "0.40"': 'funding_share = "0.001"'}
    reported = settle_tiny(tmp_path / "x", growing(1), 1, rules=share)
    assert [str(cell) for cell in reported["pool_events"][0][8:]] == ["1", "1.00", "0.80"]
    scale = share | {'on_shortfall = "report"': 'on_shortfall = "scale"'}
    scaled = settle_tiny(tmp_path / "y", growing(2), 2, rules=scale)
    assert [str(cell) for cell in scaled["pool_events"][0][8:]] == ["1", "0.20", "0.80"]
    rates = [tuple(map(str, row[1:])) for row in scaled["cohort_rates"]]
    assert rates[0] == ("1", "1", "1", "0.005000000000", "0.001000000000")
    # 230.00 concessions: budget 0.23 - 0.20 = 0.03; need 200 x 0.00575 + 30 x 0.005 = 1.30
    assert rates[1][3:] == ("0.005750000000", "0.001132692307")
    assert str(scaled["pool_events"][1][10]) == "1.27"
