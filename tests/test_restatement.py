"""Closed days (SPEC 14): postings stand, history is corrected, the difference is booked once, nights go on from it."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.settlement.closed.restate import ClosedDaysError
from flows.settlement.closed.restated import recover_restatements
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.errors import InputRefusedError
from schemas.tables import RESTATED_DAYS, RESTATED_SALES, RESTATEMENTS
from tests.compare import ALL_TABLES, Tables, assert_same, read_tables, without_origin
from tests.engine import backfill, close, night, published
from tests.oracle import settle_world
from tests.worlds import World, make_world

CORRECTED = ("transactions", "quarantine", "pool_days", "pool_events", "cohort_rates", "positions")
SEEDS = (2, 168, 252, 286)
LEDGER_DATE = 0


def changed_feed(root: Path, day: date) -> None:
    """Another delivery of a day: one more purchase, and one row fewer in the first CSV file that has any."""
    folder = root / "landing" / "transactions" / f"day={day}"
    (folder / "control.json").unlink(missing_ok=True)
    for path in sorted(folder.glob("*.csv")):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        if len(lines) > 2 and '"' not in "".join(lines):
            path.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
            break
    header = "txn_id,kind,occurred_at,member_id,merchant_id,amount,voucher_amount,concession_rate,"
    row = f"found-later,purchase,{day}T12:00:00+08:00,1,1,300.00,,,,,\n"
    (folder / "zz.csv").write_text(f"{header}original_txn_id,original_date,channel\n{row}", encoding="utf-8")


def closed_rows(tables: Tables, through: date) -> list[tuple]:
    return [row for row in tables["ledger"] if row[LEDGER_DATE] <= through]


def settled(world: World, root: Path, last: date) -> Path:
    _, rulebook = world.write(root)
    backfill(root, rulebook, world.first, last)
    return rulebook


def assert_corrected(root: Path, rulebook: Path, world: World, last: date) -> Tables:
    """History is the oracle's on the feeds as they are now; sums of the ledger and balances too."""
    found = read_tables(published(root), ALL_TABLES)
    expected = settle_world(root / "landing", rulebook, world.first, last)
    assert_same(expected, found, CORRECTED)
    assert_same({"sums": without_origin(expected["ledger"])}, {"sums": without_origin(found["ledger"])}, ["sums"])
    assert_same(expected, found, ["balances", "promoter_months", "agent_months"])
    assert [row[:6] for row in found["exceptions"]] == [row[:6] for row in expected["exceptions"]]
    assert {row[1:4]: row[6] for row in found["exceptions"]} == below_zero_since(found["ledger"])
    assert_told(root / "warehouse.duckdb")
    balance = {account: balance for account, _, _, balance in found["trial_balance"]}
    due = {account: balance for account, _, _, balance in expected["trial_balance"]}
    assert {k: v for k, v in balance.items() if v} == {k: v for k, v in due.items() if v}
    assert sum(balance.values()) == 0
    return found


def assert_told(warehouse: Path) -> None:
    """What restatements say of closed days is what the ledger booked; history less it is what was posted."""
    by = "business_date, holder_kind, holder_id, asset, kind, pool"
    moved = f"select {by}, sum(difference) from restatements group by all having sum(difference) <> 0 order by all"
    booked = f"select {by}, sum(amount) from ledger where origin = 'restatement' group by all order by all"
    corrected = """
        select business_date, merchant_id, sum(if(kind = 'refund', -amount, amount) - concession)
        from transactions group by all having sum(if(kind = 'refund', -amount, amount) - concession) <> 0 order by all
    """
    posted = """
        select business_date, holder_id, sum(amount) from (
            select business_date, holder_id, amount from ledger where kind = 'sales_proceeds' and origin = 'settlement'
            union all
            select restated_date, merchant_id, sales - concession from restated_sales
        ) group by all having sum(amount) <> 0 order by all
    """
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert reader.sql(moved).fetchall() == reader.sql(booked).fetchall()
        assert reader.sql(corrected).fetchall() == reader.sql(posted).fetchall()
        assert reader.sql("select count(*) from restated_days").fetchall() != [(0,)]


def below_zero_since(ledger: list[tuple]) -> dict[tuple, date]:
    """By what was posted, and when: holder and asset of whoever is below zero, and the day on which that began."""
    days: dict[tuple, Counter[date]] = defaultdict(Counter)
    for row in ledger:
        if row[4] != "points":
            days[row[2:5]][row[LEDGER_DATE]] += row[8]
    since: dict[tuple, date] = {}
    for holding, posted in days.items():
        balance = 0
        for day in sorted(posted):
            balance += posted[day]
            if balance >= 0:
                since.pop(holding, None)
            else:
                since.setdefault(holding, day)
    return since


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restatement_corrects_the_sums_and_leaves_closed_rows_alone(seed: int, tmp_path: Path) -> None:
    world = make_world(seed, mess=5)
    last = world.last - timedelta(days=2)
    rulebook = settled(world, tmp_path, last)
    through = world.first + (last - world.first) / 2
    assert close(tmp_path, through) is not None
    before = read_tables(published(tmp_path), ALL_TABLES)

    day = world.first + timedelta(days=1)
    changed_feed(tmp_path, day)
    with pytest.raises(ClosedDaysError) as refused:
        backfill(tmp_path, rulebook, day, day)
    assert refused.value.exit_code == 12
    assert refused.value.bill["closed_days_changed"][0] == day
    assert_same(before, read_tables(published(tmp_path), ALL_TABLES), ALL_TABLES)

    assert backfill(tmp_path, rulebook, day, day, restate=True) is not None
    after = assert_corrected(tmp_path, rulebook, world, last)
    assert closed_rows(after, through) == closed_rows(before, through)
    assert {row[7] for row in after["ledger"] if row[LEDGER_DATE] == last} >= {"restatement"}
    assert backfill(tmp_path, rulebook, day, day, restate=True) is None

    # a second correction of the same days, and an open day changed as well
    changed_feed(tmp_path, day + timedelta(days=1))
    changed_feed(tmp_path, last)
    assert backfill(tmp_path, rulebook, day, last, restate=True) is not None
    again = assert_corrected(tmp_path, rulebook, world, last)
    assert closed_rows(again, through) == closed_rows(before, through)

    # nights go on from the corrected state; restatements on open days outlive a backfill of those days
    night(tmp_path, rulebook, world.last)
    assert_corrected(tmp_path, rulebook, world, world.last)
    changed_feed(tmp_path, world.last)
    assert backfill(tmp_path, rulebook, last, world.last) is not None
    assert_corrected(tmp_path, rulebook, world, world.last)

    # once the restatements are closed too, another one is booked on top of them
    assert close(tmp_path, last) is not None
    posted = closed_rows(read_tables(published(tmp_path), ALL_TABLES), last)
    changed_feed(tmp_path, world.first)
    assert backfill(tmp_path, rulebook, world.first, world.first, restate=True) is not None
    final = assert_corrected(tmp_path, rulebook, world, world.last)
    assert closed_rows(final, last) == posted


def test_a_closed_day_is_not_rewritten_even_where_no_amount_moves(tmp_path: Path) -> None:
    world = make_world(252, days=6, mess=0)
    rulebook = settled(world, tmp_path, world.last)
    close(tmp_path, world.first)
    feed = tmp_path / "landing" / "transactions" / f"day={world.first}" / "a.csv"
    feed.write_text(feed.read_text(encoding="utf-8").replace('"t1"', '"another id"'), encoding="utf-8")
    with pytest.raises(ClosedDaysError) as refused:
        backfill(tmp_path, rulebook, world.first, world.first)
    assert refused.value.bill["closed_days_changed"] == [world.first]
    assert refused.value.bill["to_restate"] == []
    assert backfill(tmp_path, rulebook, world.first, world.first, restate=True) is not None
    found = assert_corrected(tmp_path, rulebook, world, world.last)
    assert not [row for row in found["ledger"] if row[7] == "restatement"]


def test_without_an_open_day_nothing_can_be_restated(tmp_path: Path) -> None:
    world = make_world(168, days=6, mess=0)
    rulebook = settled(world, tmp_path, world.last)
    close(tmp_path, world.last)
    changed_feed(tmp_path, world.first)
    with pytest.raises(InputRefusedError, match="is closed") as refused:
        backfill(tmp_path, rulebook, world.first, world.first, restate=True)
    assert "settle a night first" in refused.value.todo


def test_the_books_of_what_is_not_settled_cannot_be_closed(tmp_path: Path) -> None:
    world = make_world(168, days=6, mess=0)
    settled(world, tmp_path, world.last)
    with pytest.raises(InputRefusedError, match="not settled yet"):
        close(tmp_path, world.last + timedelta(days=1))
    assert close(tmp_path, world.first) is not None
    assert close(tmp_path, world.first) is None
    with duckdb.connect(str(published(tmp_path)), read_only=True) as reader:
        assert reader.sql("select kind from runs order by run_id").fetchall() == [("backfill",), ("close",)]


def test_a_record_that_was_not_kept_is_recovered_from_the_runs(tmp_path: Path) -> None:
    """For lakes of before there was one: what the runs' versions give is what the runs themselves have written."""
    world = make_world(286, mess=5)
    last = world.last - timedelta(days=3)
    rulebook = settled(world, tmp_path, last)
    for number in (1, 2):
        close(tmp_path, last - timedelta(days=2) + timedelta(days=number))
        night(tmp_path, rulebook, last + timedelta(days=number))
        changed_feed(tmp_path, world.first + timedelta(days=number))
        assert backfill(tmp_path, rulebook, world.first, world.first, restate=True) is not None
    store, runs = Store(tmp_path / "lake"), RunLog(tmp_path / "lake").runs()
    kept = Draft(store, runs[-1].versions, "kept")
    tables = (RESTATED_DAYS, RESTATEMENTS, RESTATED_SALES)
    without = {name: version for name, version in runs[-1].versions.items() if name not in {t.name for t in tables}}
    recovered = Draft(store, without, "recovered")
    recover_restatements(runs, store, recovered)
    for table in tables:
        expected, found = (side.scan(table).sort(table.key).collect() for side in (kept, recovered))
        assert expected.height > 0
        if table is RESTATED_DAYS:
            # A day of which only the quarantine is another one has moved nothing.
            assert found.join(expected, on=list(table.key), how="anti").is_empty()
        else:
            assert found.equals(expected), table.name
    recovered.discard()
