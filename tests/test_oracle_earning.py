"""The oracle proves itself: what a purchase earns and whom it rewards (SPEC 4, 8, 9), by hand."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle.units import half_up, toward_zero
from tests.oracle_answers import posted, total
from tests.tiny import day, purchase, refund, settle_tiny


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
