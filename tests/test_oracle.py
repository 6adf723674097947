"""The oracle proves itself: the SPEC's own examples and sums done by hand."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.consistency import assert_consistent
from tests.oracle import OracleRefusal, settle_world
from tests.oracle.cells import in_fen, read_identifier, read_moment, read_number, read_rate
from tests.oracle.units import half_up, toward_zero
from tests.tiny import FIRST, day, purchase, refund, settle_tiny, write_tiny

Rows = dict[str, list[tuple[Any, ...]]]


def posted(tables: Rows, kind: str, holder_kind: str, holder_id: int) -> list[tuple[int, Decimal]]:
    """Business day (the first is 1) and amount of a holder's ledger rows of a kind."""
    return [
        ((row[0] - FIRST).days + 1, row[8])
        for row in tables["ledger"]
        if (row[5], row[2], row[3]) == (kind, holder_kind, holder_id)
    ]


def total(tables: Rows, kind: str, holder_kind: str, holder_id: int) -> Decimal:
    return sum((amount for _, amount in posted(tables, kind, holder_kind, holder_id)), Decimal(0))


def reasons(tables: Rows) -> dict[str, str]:
    return {row[2]: row[3] for row in tables["quarantine"]}


def growing(days: int) -> dict[int, list[str]]:
    """Member 1 has 200.00 points on day 1; member 2 makes the pool grow by 15 % every day from then on."""
    rows, value = {1: [purchase("p", 1, "2000")]}, 20000
    for number in range(2, days + 1):
        points = -(-value * 15 // 100)
        value += points
        rows[number] = [purchase("q", number, f"{points // 10}.{points % 10}", member=2)]
    return rows


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


def test_a_threshold_baseline_forgets_what_is_above_it(tmp_path: Path) -> None:
    days = {1: [purchase("p", 1, "3050")]}
    events = settle_tiny(tmp_path, days, 5, rules={'baseline = "actual"': 'baseline = "threshold"'})["pool_events"]
    assert [str(row[5]) for row in events] == ["200.00", "200.00", "230.00", "264.50"]
    assert [str(row[7]) for row in events[:3]] == ["0E-12", "0.150000000000", "0.150000000000"]
    assert [row[4] for row in events] == ["launch", "growth", "growth", "growth"]


def test_rounding() -> None:
    """R1 half up, R2 toward zero."""
    assert [half_up(n, 100) for n in (49, 50, 149, 150)] == [0, 1, 1, 2]
    assert [toward_zero(n, 100) for n in (199, -199, -99, 99)] == [1, -1, 0, 0]


def test_a_purchase_rounds_half_up_and_its_coins_down(tmp_path: Path) -> None:
    rules = {'member_coins_per_yuan = "5"': 'member_coins_per_yuan = "0.5"'}
    days = {1: [purchase("a", 1, "0.05"), purchase("b", 1, "0.04"), purchase("c", 1, "0.35")]}
    rows = settle_tiny(tmp_path, days, 1, rules=rules)["transactions"]
    assert [tuple(map(str, row[11:14])) for row in rows] == [
        ("0.01", "0.01", "0.00"),
        ("0.00", "0.00", "0.00"),
        ("0.04", "0.04", "0.02"),
    ]


@pytest.mark.parametrize(("spend", "points"), [("full", "10.00"), ("cash", "7.00"), ("none", "0.00")])
def test_voucher_spend(tmp_path: Path, spend: str, points: str) -> None:
    rules = {'voucher_spend = "full"': f'voucher_spend = "{spend}"'}
    days = {1: [purchase("a", 1, "100", voucher="30")], 2: [refund("r", 2, "50", "a", 1, voucher="30")]}
    tables = settle_tiny(tmp_path, days, 2, rules=rules)
    assert str(tables["transactions"][0][12]) == points
    assert str(tables["transactions"][1][11]) == "-5.00"
    assert total(tables, "redemption", "member", 1) == 0
    left = {"full": "5.00", "cash": "5.00", "none": "0"}[spend]
    assert total(tables, "points_earned", "member", 1) == Decimal(left)


def test_refunds_return_exactly_what_was_earned(tmp_path: Path) -> None:
    rate = "0.033333333333"
    days = {
        1: [purchase("a", 1, "100.05", rate=rate)],
        2: [refund("r1", 2, "33.33", "a", 1), refund("r2", 2, "0.01", "a", 1)],
        4: [refund("r3", 4, "66.71", "a", 1)],
    }
    tables = settle_tiny(tmp_path, days, 4)
    assert tables["balances"] == []
    assert [str(row[11]) for row in tables["transactions"]] == ["3.33", "-1.11", "0.00", "-2.22"]
    assert {row[10] for row in tables["transactions"]} == {day(1)}


def test_refunds_of_one_day_go_in_text_order_until_one_exceeds(tmp_path: Path) -> None:
    days = {
        1: [
            refund("r9", 1, "10", "a", 1),
            refund("r10", 1, "60", "a", 1),
            refund("r2", 1, "50", "a", 1),
            purchase("a", 1, "100"),
            refund("r3", 1, "1", "nobody", 1),
            refund("r4", 1, "1", "a", 1, member=2),
        ]
    }
    tables = settle_tiny(tmp_path, days, 1)
    assert reasons(tables) == {
        "r2": "refund_exceeds_purchase",
        "r9": "refund_exceeds_purchase",
        "r3": "unknown_original",
        "r4": "refund_mismatch",
    }


def test_a_refund_may_not_leave_more_vouchers_than_amount(tmp_path: Path) -> None:
    days = {1: [purchase("a", 1, "100", voucher="60")], 2: [refund("r", 2, "41", "a", 1)]}
    assert reasons(settle_tiny(tmp_path / "x", days, 2)) == {"r": "refund_exceeds_purchase"}
    days[2] = [refund("r", 2, "41", "a", 1, voucher="1")]
    assert reasons(settle_tiny(tmp_path / "y", days, 2)) == {}


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


@pytest.mark.parametrize(
    ("rebind", "own_store", "earned"),
    [
        ("false", "true", {1: "1.50", 2: "0"}),
        ("true", "true", {1: "0.50", 2: "1.00"}),
        ("false", "false", {1: "0.50", 2: "0"}),
        ("true", "false", {1: "0", 2: "0.50"}),
    ],
)
def test_bindings(tmp_path: Path, rebind: str, own_store: str, earned: dict[int, str]) -> None:
    """First to 1 and 2 at once, where the smaller counts, then to 2; always strictly after."""
    start = f"{day(1)}T12:00:00+08:00"
    days = {
        1: [purchase("a", 1, "100", at=start)],
        2: [purchase("b", 2, "100")],
        3: [purchase("c", 3, "50", merchant=2), purchase("d", 3, "100")],
    }
    tables = settle_tiny(
        tmp_path,
        days,
        3,
        rules={"rebind = false": f"rebind = {rebind}", "own_store = true": f"own_store = {own_store}"},
        bindings=[f"1,2,{start}", f"1,1,{start}", f"1,2,{day(2)}T12:00:00+08:00"],
    )
    assert {merchant: str(total(tables, "binding_reward", "merchant", merchant)) for merchant in (1, 2)} == earned


def test_referral_within_its_window(tmp_path: Path) -> None:
    """Member 3 joins on day 3 at noon: one day is over on day 4 at noon."""
    days = {
        3: [purchase("a", 3, "100", member=3, at=f"{day(3)}T12:00:00+08:00")],
        4: [
            purchase("b", 4, "100", member=3, at=f"{day(4)}T11:59:59.999999+08:00"),
            purchase("c", 4, "50", member=3),
        ],
        5: [refund("r", 5, "99", "a", 3, member=3)],
    }
    tables = settle_tiny(tmp_path / "x", days, 5, rules={"days = 0": "days = 1"})
    assert posted(tables, "referral_reward", "member", 2) == [
        (3, Decimal("0.50")),
        (4, Decimal("0.50")),
        (5, Decimal("-0.49")),  # -9.90 x 0.05 = -0.495, toward zero
    ]
    tables = settle_tiny(tmp_path / "y", days, 5)
    assert posted(tables, "referral_reward", "member", 2)[1] == (4, Decimal("0.75"))


@pytest.mark.parametrize(
    ("below", "share", "rest"),
    [("prorata", "1.50", "1.50"), ("capped", "0.50", "2.50")],
)
def test_mentoring_passes_the_rest_up_one_step(tmp_path: Path, below: str, share: str, rest: str) -> None:
    """1 has 300.00 points: T = 3.00. His mentor 2 has 50.00 of the 100.00 asked; 3 above has nothing.

    What 2 brings to 3, 1 % of 50.00, is cut to nothing, and nobody stands above.
    """
    tables = settle_tiny(
        tmp_path,
        {1: [purchase("a", 1, "3000"), purchase("b", 1, "250", merchant=2)]},
        31,
        rules={'below = "prorata"': f'below = "{below}"'},
        promoters=["1,2019-01-01,2,", "2,2019-01-01,3,", "3,2019-01-01,,"],
        merchant_promoters=["1,1,2019-01-01", "2,2,2019-01-01"],
    )
    assert [(row[1], *map(str, row[5:7])) for row in tables["promoter_months"]] == [
        (1, "0.00", "0.00"),
        (2, share, "0.00"),
        (3, rest, "0.50"),
    ]
    assert total(tables, "commission", "promoter", 1) == 18


def test_the_ladder_goes_up_and_down(tmp_path: Path) -> None:
    """March 1000.00 points: promoted at once. April and May nothing: two misses, demoted from June."""
    days = {1: [purchase("a", 1, "10000")], 32: [refund("r", 32, "10000", "a", 1)]}
    tables = settle_tiny(tmp_path, days, 122, promoters=["1,2019-01-01,,"], merchant_promoters=["1,1,2019-01-01"])
    told = [(row[2], str(row[3]), str(row[4]), str(row[7]), str(row[8]), row[9]) for row in tables["promoter_months"]]
    assert told == [
        ("junior", "1000.00", "60.00", "0.00", "0.00", "trainee"),
        ("trainee", "-1000.00", "-50.00", "24.00", "0.00", "trainee"),
        ("trainee", "0.00", "0.00", "24.00", "0.00", "junior"),
        ("junior", "0.00", "0.00", "0.00", "0.00", "junior"),
    ]


def test_tiers_add_up_and_partners_share(tmp_path: Path) -> None:
    agents = ["1,44,,", "2,4403,2019-03-31,", "3,440305,,2019-03-31", "4,3101,,2019-03-30"]
    partners = ["3,1,0.333333333333,,", "3,2,0.333333333333,,2019-03-31", "3,3,0.1,,2019-03-30"]
    days = {5: [purchase("a", 5, "1000")]}
    tables = settle_tiny(tmp_path, days, 31, agents=agents, partners=partners)
    assert [tuple(map(str, row[1:])) for row in tables["agent_months"]] == [
        ("1", "44", "100.00", "2.00", "0.00"),
        ("2", "4403", "100.00", "3.00", "0.00"),
        ("3", "440305", "100.00", "5.00", "3.32"),
    ]
    assert total(tables, "agent_commission", "agent", 3) == Decimal("1.68")
    assert total(tables, "partner_share", "partner", 2) == Decimal("1.66")


def test_the_books(tmp_path: Path) -> None:
    """100.00 with 30.00 in vouchers at 10 %, and 20.00 back: net 80.00, 30.00, 8.00."""
    days = {1: [purchase("a", 1, "100", voucher="30"), refund("r", 1, "20", "a", 1)]}
    tables = settle_tiny(tmp_path, days, 1)
    assert [tuple(map(str, row[2:])) for row in tables["journal"]] == [
        ("sales", "clearing", "50.00", "0.00"),
        ("sales", "merchant_payable", "0.00", "72.00"),
        ("sales", "settlement_fund", "0.00", "8.00"),
        ("sales", "voucher_liability", "30.00", "0.00"),
    ]
    assert tables["exceptions"][0][1:5] == ("member", 1, "voucher", Decimal("-30.00"))
    assert [str(cell) for cell in tables["solvency"][0][1:]] == ["8.00", "-30.00", "80.00", "None"]


def test_repeated_rows(tmp_path: Path) -> None:
    late = purchase("late", 2, "5", at=f"{day(1)}T09:00:00+08:00")
    days = {
        1: [
            purchase("a", 1, "1"),
            purchase("a", 1, "1.00", voucher="0"),
            purchase("b", 1, "1"),
            purchase("b", 1, "2"),
        ],
        2: [
            late,
            purchase("a", 2, "1"),
            purchase("c", 2, "1", rate="0.1"),  # the merchant's own
            purchase("c", 2, "1"),
            purchase("d", 2, "1", rate="0.11"),
            purchase("d", 2, "1"),
        ],
        3: [late, purchase("a", 1, "1")],
    }
    tables = settle_tiny(tmp_path, days, 3)
    assert Counter(row[2:] for row in tables["quarantine"]) == {
        ("a", "duplicate"): 1,
        ("b", "conflicting_duplicate"): 2,
        ("c", "duplicate"): 1,
        ("d", "conflicting_duplicate"): 2,
        ("late", "already_booked"): 1,
        ("a", "already_booked"): 1,
    }
    assert [row[1] for row in tables["transactions"] if row[-1]] == ["late"]


def test_cells() -> None:
    assert [read_identifier(text) for text in ("007", "0", "-1", "１", str(2**63 - 1), str(2**63))] == [
        7,
        None,
        None,
        None,
        2**63 - 1,
        None,
    ]
    numbers = [read_number(text) for text in ("1.230", "1.234", "-5")]
    assert [in_fen(number) for number in numbers if number is not None] == [123, None, -500]
    assert [read_number(text) for text in ("+1", "1e3", ".5", "5.", " 5", "1,0", "12345678901234567", "")] == [None] * 8
    assert (read_rate("0.1000000000000"), read_rate("0.0000000000001")) == (10**11, None)
    same = ["2019-01-01T00:30:00+08:00", "2018-12-31T16:30Z", "2018-12-31T11:30:00.0000009-0500"]
    assert len({read_moment(text) for text in same}) == 1
    wrong = [
        "2019-01-01T00:30:00",
        "2019-01-01 00:30:00Z",
        "2019-02-29T00:00Z",
        "2019-01-01T24:00Z",
        "2019-01-01",
    ]
    assert [read_moment(text) for text in wrong] == [None] * 5


def test_too_much_quarantine_needs_a_word_from_the_operator(tmp_path: Path) -> None:
    rules = {"quarantine_min_rows = 100": "quarantine_min_rows = 2"}
    days = {1: [purchase("a", 1, "1"), purchase("b", 1, "x")]}
    landing, book = write_tiny(tmp_path, days, 1, rules=rules)
    with pytest.raises(OracleRefusal, match="1 of 2 rows"):
        settle_world(landing, book, FIRST, FIRST)
    assert len(settle_world(landing, book, FIRST, FIRST, accept=[FIRST])["transactions"]) == 1
