"""The oracle proves itself by hand: cells, repeated rows, refunds, too much quarantine, books (SPEC 2, 3, 10)."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle import OracleRefusal, settle_world
from tests.oracle.cells import in_fen, read_identifier, read_moment, read_number, read_rate
from tests.oracle_answers import reasons
from tests.tiny import FIRST, day, purchase, refund, settle_tiny, write_tiny


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
