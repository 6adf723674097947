"""Balances below zero (SPEC 10, 13): cash too, with the date since which each is so, however its days were settled."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.settlement.books.overdrawn import recomputed_overdrawn
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.tables import OVERDRAWN
from tests.compare import Row, assert_same, read_tables
from tests.engine import backfill, close, night, published
from tests.oracle import settle_world
from tests.test_restated_exports import land, pay
from tests.tiny import FIRST, day, purchase, refund, write_tiny

ORGANISATION = {
    "promoters": ("1,2019-01-01,,",),
    "merchant_promoters": ("1,1,2019-01-01",),
    "agents": ("1,44,2019-04-01,", "2,31,2019-01-01,"),
    "partners": ("1,7,0.5,2019-04-01,",),
}
DAYS = {
    1: [purchase("a", 1, "100.00"), purchase("v", 1, "50.00", 2, voucher="20.00")],
    2: [purchase("b", 2, "100.00", merchant=2)],
    4: [purchase("c", 4, "200.00")],
    31: [],
    33: [refund("r", 33, "100.00", "a", 1), refund("s", 33, "200.00", "c", 4)],
    61: [],
}
PAYOUTS = {
    2: ["p1,{at},merchant,1,cash,150.00"],
    3: ["p2,{at},merchant,2,cash,90.00"],
    5: ["p3,{at},merchant,1,cash,200.00"],
    32: ["p4,{at},promoter,1,cash,1.00"],
    40: ["p5,{at},agent,2,cash,50.00"],
}
LAST = 63
OWED = {
    ("merchant", 1, "cash"): ("overpaid", day(5)),
    ("merchant", 2, "cash"): ("overpaid", day(3)),
    ("member", 2, "voucher"): ("negative_balance", day(1)),
    ("promoter", 1, "cash"): ("overpaid", day(61)),
    ("agent", 1, "cash"): ("negative_earnings", day(61)),
    ("partner", 7, "cash"): ("cash_below_zero", day(61)),
    ("agent", 2, "cash"): ("overpaid", day(40)),
}


def world(root: Path) -> Path:
    _, book = write_tiny(root, DAYS, LAST, **ORGANISATION)
    for number, rows in PAYOUTS.items():
        pay(root, number, rows)
    return book


def exceptions(root: Path) -> list[Row]:
    return read_tables(published(root), ["exceptions"])["exceptions"]


def told(root: Path) -> dict[tuple, tuple]:
    return {tuple(row[1:4]): (row[5], row[6]) for row in exceptions(root)}


def assert_recomputed(root: Path) -> None:
    """What the lake keeps is what its ledger and balances give without it."""
    last = RunLog(root / "lake").last()
    assert last is not None
    draft = Draft(Store(root / "lake"), last.versions, "check")
    assert recomputed_overdrawn(last.buckets, draft).equals(draft.small(OVERDRAWN))


@pytest.mark.parametrize("buckets", [1, 3])
def test_nights_and_ranges_give_the_same_and_the_oracle_too(buckets: int, tmp_path: Path) -> None:
    book = world(tmp_path)
    expected = settle_world(tmp_path / "landing", book, FIRST, day(LAST))
    backfill(tmp_path, book, day(1), day(LAST), buckets=buckets)
    assert_same(expected, read_tables(published(tmp_path), ["exceptions"]), ["exceptions"])
    assert_recomputed(tmp_path)
    by_parts = tmp_path / "parts"
    world(by_parts)
    for last in (1, 2, 3, 4, 5, 6, 33, 60, LAST):
        night(by_parts, book, day(last), buckets=buckets)
        if last in (1, 3, 5, 60):
            parts = settle_world(tmp_path / "landing", book, FIRST, day(last))
            assert_same(parts, read_tables(published(by_parts), ["exceptions"]), ["exceptions"])
    assert exceptions(by_parts) == exceptions(tmp_path)


def test_who_is_below_zero_since_when_and_why(tmp_path: Path) -> None:
    book = world(tmp_path)
    backfill(tmp_path, book, day(1), day(LAST))
    found = told(tmp_path)
    assert {key: found.get(key) for key in OWED} == OWED
    rows = {tuple(row[1:4]): row[7] for row in exceptions(tmp_path)}
    assert rows["merchant", 1, "cash"] == LAST - 5
    assert rows["promoter", 1, "cash"] == LAST - 61


def test_a_promoters_negative_month_is_no_overpayment(tmp_path: Path) -> None:
    _, book = write_tiny(tmp_path, DAYS, LAST, **ORGANISATION)
    backfill(tmp_path, book, day(1), day(31))
    assert ("promoter", 1, "cash") not in told(tmp_path)
    late = {**DAYS, 33: [*DAYS[33], refund("v2", 33, "50.00", "v", 1, member=2, voucher="20.00")]}
    land(tmp_path, 33, "a", *late[33])
    backfill(tmp_path, book, day(32), day(LAST))
    assert told(tmp_path).get(("promoter", 1, "cash")) is None, "earned in March what April takes back"
    later = tmp_path / "later"
    _, book = write_tiny(later, DAYS, LAST, promoters=("1,2019-04-01,,",), merchant_promoters=("1,1,2019-01-01",))
    backfill(later, book, day(1), day(LAST))
    assert told(later).get(("promoter", 1, "cash")) == ("negative_earnings", day(61))


def test_a_backfill_that_ends_where_it_ended_may_move_the_date(tmp_path: Path) -> None:
    """Merchant 2 has been overpaid since day 3; by the mended feeds it is since day 7, by the same amount."""
    book = world(tmp_path)
    backfill(tmp_path, book, day(1), day(10))
    pay(tmp_path, 3, ["p2,{at},merchant,2,cash,1.00"])
    pay(tmp_path, 7, ["p6,{at},merchant,2,cash,89.00"])
    land(tmp_path, 2, "a")
    land(tmp_path, 4, "b", purchase("b", 4, "100.00", merchant=2))
    backfill(tmp_path, book, day(2), day(7))
    expected = settle_world(tmp_path / "landing", book, FIRST, day(10))
    assert_same(expected, read_tables(published(tmp_path), ["exceptions"]), ["exceptions"])
    assert told(tmp_path)["merchant", 2, "cash"] == ("overpaid", day(7))
    assert_recomputed(tmp_path)
    # below zero before the days that are settled anew, and above within what stood there until now
    pay(tmp_path, 6, ["p7,{at},merchant,1,cash,1.00"])
    land(tmp_path, 8, "b", purchase("x", 8, "500.00"), purchase("y", 8, "500.00", merchant=2))
    backfill(tmp_path, book, day(6), day(8))
    assert ("merchant", 1, "cash") not in told(tmp_path)
    land(tmp_path, 8, "b")
    backfill(tmp_path, book, day(8), day(8))
    expected = settle_world(tmp_path / "landing", book, FIRST, day(10))
    assert_same(expected, read_tables(published(tmp_path), ["exceptions"]), ["exceptions"])
    assert told(tmp_path)["merchant", 1, "cash"] == ("overpaid", day(5))
    assert_recomputed(tmp_path)


def test_a_restatement_counts_from_the_day_that_booked_it(tmp_path: Path) -> None:
    book = world(tmp_path)
    backfill(tmp_path, book, day(1), day(8))
    close(tmp_path, day(7))
    pay(tmp_path, 4, ["p9,{at},merchant,2,cash,5.00"])
    pay(tmp_path, 5, ["p3,{at},merchant,1,cash,10.00"])
    backfill(tmp_path, book, day(4), day(5), restate=True)
    found = told(tmp_path)
    assert found["merchant", 2, "cash"] == ("overpaid", day(3))
    assert ("merchant", 1, "cash") not in found
    pay(tmp_path, 5, ["p3,{at},merchant,1,cash,500.00"])
    night(tmp_path, book, day(9))
    backfill(tmp_path, book, day(5), day(5), restate=True)
    assert told(tmp_path)["merchant", 1, "cash"] == ("overpaid", day(9))
    assert_recomputed(tmp_path)


def test_a_warehouse_says_the_age(tmp_path: Path) -> None:
    book = world(tmp_path)
    backfill(tmp_path, book, day(1), day(LAST))
    with duckdb.connect(str(published(tmp_path)), read_only=True) as reader:
        rows = reader.sql("select since, days_below_zero, business_date from exceptions").fetchall()
    assert rows
    assert all((last - since).days == days for since, days, last in rows)
    assert {last for *_, last in rows} == {date(2019, 5, 2)}
    assert len(rows) == len(OWED)
