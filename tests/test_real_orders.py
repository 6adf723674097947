"""The real orders, where they are present: 15,000 orders over 696 days agree with the oracle in every table."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.compare import ALL_TABLES, Tables, assert_same, read_tables
from tests.engine import backfill, night, published
from tests.oracle import settle_world

ORDERS = Path(__file__).parent.parent.parent / "shared" / "data" / "orders"
RULEBOOK = ORDERS / "rulebook.toml"
FIRST, LAST = date(2016, 10, 3), date(2018, 8, 29)
NIGHTS = 30

pytestmark = pytest.mark.skipif(not ORDERS.is_dir(), reason="the real orders are not here")


def laid_out(root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "landing").symlink_to(ORDERS / "landing")
    return root


def expected(last: date) -> Tables:
    tables = settle_world(ORDERS / "landing", RULEBOOK, FIRST, last)
    return {name: tables[name] for name in ALL_TABLES}


def test_one_backfill_agrees_with_the_oracle(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "range")
    backfill(root, RULEBOOK, FIRST, LAST)
    assert_same(expected(LAST), read_tables(published(root), ALL_TABLES), ALL_TABLES)


def test_nights_go_on_from_a_backfill(tmp_path: Path) -> None:
    root, last = laid_out(tmp_path / "nights"), date(2017, 3, 31)
    begin = last - timedelta(days=NIGHTS)
    backfill(root, RULEBOOK, FIRST, begin, buckets=2)
    for number in range(1, NIGHTS + 1):
        night(root, RULEBOOK, begin + timedelta(days=number))
    assert_same(expected(last), read_tables(published(root), ALL_TABLES), ALL_TABLES)
