"""Whether the generator draws what can go wrong: a test finds nothing in worlds where nothing happens."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compare import COLUMNS, assert_same, differences, read_tables
from tests.consistency import assert_consistent
from tests.oracle import OracleRefusal, settle_world
from tests.oracle.earning import Transaction
from tests.oracle.settlement import Settlement, settle
from tests.oracle.tables import tables
from tests.world_parts.troubles import Trouble
from tests.worlds import TROUBLES, World, ladder_worlds, make_world, worlds

SEEDS = range(150)
REAL_ORDERS = Path(__file__).parents[2] / "shared" / "data" / "orders"

SPENT = (
    *("malformed", "bad_amount", "future_dated", "too_late", "conflicting_duplicate", "duplicate"),
    *("already_booked", "unknown_member", "unknown_merchant"),
)
REFUNDS = ("unknown_original", "refund_mismatch", "refund_exceeds_purchase")
REASONS = {
    "transactions": (*SPENT, "concession_out_of_range", *REFUNDS),
    "coin_redemptions": SPENT,
    "payouts": (*SPENT, "unknown_promoter", "unknown_agent", "unknown_partner"),
}
KINDS = (
    *("points_earned", "coins_earned", "coins_redeemed", "redemption", "sales_proceeds", "payout"),
    *("dividend", "dividend_clawback", "points_retired", "binding_reward", "referral_reward"),
    *("commission", "mentoring", "fixed_subsidy", "bonus_subsidy", "agent_commission", "partner_share"),
)
FEATURES = (
    [(feed, reason) for feed, reasons in REASONS.items() for reason in reasons]
    + [("kind", kind) for kind in KINDS]
    + [("trigger", trigger) for trigger in ("launch", "growth", "deadline")]
    + [("spent vouchers under", spend) for spend in ("full", "cash", "none")]
    + [("event", what) for what in ("reported", "scaled", "scaled to nothing", "grown by deadline", "threshold")]
    + [("cohort", what) for what in ("without lots", "retired at its ceiling", "retired by payouts", "frozen rules")]
    + [("pool", what) for what in ("regional", "new in mid-history", "never launched")]
    + [("row", what) for what in ("late purchase", "late refund", "another version at its moment", "huge id")]
    + [("purchase", what) for what in ("not bound", "not referred", "without promoter", "refunded twice in a day")]
    + [("refund", what) for what in ("same day", "open lot", "closed", "retired", "before its purchase", "full")]
    + [("promoter", what) for what in ("promoted", "demoted", "negative", "unallocated", "bonus missed")]
    + [("agent", what) for what in ("shares", "negative", "nothing")]
    + [("exception", asset) for asset in ("voucher", "coins")]
    + [("solvency", what) for what in ("no liability", "negative fund")]
    + [("files", what) for what in ("csv", "parquet", "control", "several a day", "day without rows")]
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, str]]:
    """How often every feature came in the worlds of all seeds; each of them also has to be consistent."""
    counts: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        world = make_world(seed)
        landing, book = world.write(tmp_path_factory.mktemp("world"))
        settlement = settle(landing, book, world.first, world.last)
        settled = tables(settlement)
        assert_consistent(settled)
        counts.update(_table_features(settled))
        counts.update(_row_features(settlement))
        counts.update(_pool_features(settlement, world))
        counts.update(_file_features(world))
    return counts


def test_the_generator_draws_everything(seen: Counter[tuple[str, str]]) -> None:
    assert [feature for feature in FEATURES if not seen[feature]] == []


def test_worlds_mostly_book(seen: Counter[tuple[str, str]]) -> None:
    refused = sum(seen["transactions", reason] for reason in REASONS["transactions"])
    assert seen["row", "booked"] * 2 > refused


def _table_features(settled: dict[str, list[tuple[Any, ...]]]) -> Iterator[tuple[str, str]]:
    yield from ((row[1], row[3]) for row in settled["quarantine"])
    yield from (("kind", row[5]) for row in settled["ledger"])
    yield from (("trigger", row[4]) for row in settled["pool_events"])
    yield from (("exception", row[3]) for row in settled["exceptions"])
    for _, fund, _, _, coverage in settled["solvency"]:
        yield ("solvency", "no liability" if coverage is None else "liability")
        yield ("solvency", "negative fund" if fund < 0 else "fund")
    for _, _, level, performance, _, _, unallocated, _, bonus, next_level in settled["promoter_months"]:
        if level != next_level:
            yield ("promoter", "promoted" if _above(level, next_level) else "demoted")
        yield ("promoter", "negative" if performance < 0 else "not negative")
        yield ("promoter", "unallocated" if unallocated else "allocated")
        yield ("promoter", "bonus missed" if not bonus else "bonus")
    for _, _, _, concession, amount, shared in settled["agent_months"]:
        yield ("agent", "shares" if shared else "alone")
        yield ("agent", "negative" if amount < 0 else "not negative")
        yield ("agent", "nothing" if concession == 0 else "something")


def _above(level: str, next_level: str) -> bool:
    """Inserted levels aside, the generator's ladders go in this order."""
    order = ("junior", "trainee", "senior", "manager", "director")
    return order.index(level) < order.index(next_level)


def _row_features(settlement: Settlement) -> Iterator[tuple[str, str]]:
    refunds_of: Counter[tuple[date, str | None, date]] = Counter()
    for row in settlement.book.transactions:
        rules, day_rules = settlement.rulebook.at(row.occurred_at), settlement.rulebook.on(row.business_date)
        yield ("row", "booked")
        yield ("row", f"late {row.kind}" if row.is_late else "in time")
        yield ("row", "another version at its moment" if rules is not day_rules else "one version")
        yield ("row", "huge id" if row.member_id > 2**60 else "small id")
        yield from (("pool", "regional") for pool in row.pools if pool not in ("consumer", "merchant"))
        if row.kind == "refund":
            refunds_of[row.business_date, row.original_txn_id, row.lot_date] += 1
            yield from _refund_features(settlement, row)
            continue
        yield ("spent vouchers under", rules.voucher_spend if row.voucher else "no vouchers")
        yield ("purchase", "not bound" if row.bound_merchant_id is None else "bound")
        yield ("purchase", "not referred" if row.referrer_id is None else "referred")
        yield ("purchase", "without promoter" if row.promoter_id is None else "with promoter")
    yield from (("purchase", "refunded twice in a day") for times in refunds_of.values() if times > 1)


def _refund_features(settlement: Settlement, row: Transaction) -> Iterator[tuple[str, str]]:
    purchase = settlement.book.purchases[str(row.original_txn_id), row.lot_date]
    yield ("refund", "same day" if row.lot_date == row.business_date else "later")
    yield ("refund", "before its purchase" if row.occurred_at < purchase.booked.occurred_at else "after")
    yield ("refund", "full" if row.amount == purchase.booked.amount else "part")
    pool = settlement.pools[row.pools[0]]
    closed = [event for event in pool.events if row.lot_date <= event.cutoff_date < row.business_date]
    yield ("refund", "closed" if closed else "open lot")


def _pool_features(settlement: Settlement, world: World) -> Iterator[tuple[str, str]]:
    for row in settlement.ledgers:
        yield from (("refund", "retired") for key, fen in row.posted() if key[5] == "points_retired" and fen > 0)
    for pool in settlement.pools.values():
        yield ("pool", "new in mid-history" if pool.days[0][0] > world.first else "old")
        yield ("pool", "never launched" if not pool.events else "launched")
        for event, cohort in zip(pool.events, pool.cohorts, strict=True):
            rules = settlement.rulebook.on(event.cutoff_date)
            if event.shortfall:
                yield ("event", "reported" if rules.on_shortfall == "report" else "scaled")
                yield ("event", "scaled to nothing" if event.amount == 0 else "paid")
            yield ("event", "grown by deadline" if event.trigger == "deadline" and event.growth else "else")
            yield ("event", rules.pool(pool.name).baseline)
            yield ("cohort", "with lots" if cohort.points else "without lots")
            now = settlement.rulebook.on(world.last)
            yield ("cohort", "frozen rules" if now.ceiling != cohort.ceiling else "same rules")
            if cohort.retired:
                full = cohort.cumulative == cohort.ceiling
                yield ("cohort", "retired at its ceiling" if full else "retired by payouts")


def _file_features(world: World) -> Iterator[tuple[str, str]]:
    folders: Counter[str] = Counter()
    for path, file in world.files.items():
        yield ("files", "control" if path.endswith("control.json") else path.rpartition(".")[2])
        folders[path.rpartition("/")[0]] += path.startswith("transactions/") and "control" not in path
        if path.startswith("transactions/") and file.text.strip().count("\n") == 0 and file.table is None:
            yield ("files", "day without rows")
    yield from (("files", "several a day") for number in folders.values() if number > 1)


@given(st.one_of(worlds(max_days=12), ladder_worlds()))
@settings(max_examples=8, deadline=None)
def test_what_hypothesis_draws_is_consistent(world: World) -> None:
    with TemporaryDirectory() as folder:
        landing, book = world.write(Path(folder))
        assert_consistent(settle_world(landing, book, world.first, world.last))


def test_the_same_call_gives_the_same_world(tmp_path: Path) -> None:
    """A failing world is kept by its repr; a shorter one is its beginning."""
    whole, shorter = make_world(7, days=12), make_world(7, days=5)
    again = eval(repr(whole), {"make_world": make_world})
    assert (again, again.files.keys()) == (whole, whole.files.keys())
    assert shorter.files.items() <= whole.files.items()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_stops_the_run(tmp_path: Path, trouble: Trouble) -> None:
    world = make_world(1, days=4, trouble=trouble)
    landing, book = world.write(tmp_path)
    with pytest.raises(OracleRefusal) as refusal:
        settle_world(landing, book, world.first, world.last)
    assert refusal.value.exit_code == world.exit_code


def test_one_wrong_cell_is_told(tmp_path: Path) -> None:
    world = make_world(3, days=30, mess=25)
    landing, book = world.write(tmp_path)
    settled = settle_world(landing, book, world.first, world.last)
    assert_same(settled, settled)
    for name, rows in settled.items():
        wrong = {name: [("wrong", *row[1:]) for row in rows[:1]] + rows[1:]}
        assert differences(settled, wrong, [name]).startswith(f"{name}: 1 rows only expected, 1 rows only found")


def test_a_warehouse_reads_like_the_oracle(tmp_path: Path) -> None:
    """Zones, decimals and empty cells come through; a binary float does not."""
    world = make_world(3, days=10)
    landing, book = world.write(tmp_path)
    settled = settle_world(landing, book, world.first, world.last)
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        for name, example in (("transactions", "TIMESTAMPTZ"), ("pool_events", "")):
            kinds = [_duckdb_type(column, example) for column in COLUMNS[name]]
            columns = ", ".join(f"{c} {kind}" for c, kind in zip(COLUMNS[name], kinds, strict=True))
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" for _ in kinds)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", settled[name])
        connection.execute("CREATE TABLE balances AS SELECT 'a' holder_kind, 1 holder_id, 'b' asset, 1e0 balance")
    names = ("transactions", "pool_events")
    assert settled["transactions"]
    assert_same(settled, read_tables(warehouse, names), names)
    with pytest.raises(AssertionError, match="binary float"):
        read_tables(warehouse, ["balances"])


def _duckdb_type(column: str, moment: str) -> str:
    if column.endswith("_date"):
        return "DATE"
    if column.endswith(("_at",)):
        return moment
    if column.endswith(("_id", "_no", "holders")) and "txn" not in column:
        return "BIGINT"
    if column in ("txn_id", "kind", "original_txn_id", "region_code", "pool", "trigger"):
        return "VARCHAR"
    if column == "is_late":
        return "BOOLEAN"
    return "DECIMAL(18,12)" if column in ("concession_rate", "growth") else "DECIMAL(18,2)"


@pytest.mark.skipif(not REAL_ORDERS.is_dir(), reason="the real orders are not here")
def test_the_real_orders_are_consistent() -> None:
    first, last = date(2016, 10, 3), date(2018, 8, 29)
    settled = settle_world(REAL_ORDERS / "landing", REAL_ORDERS / "rulebook.toml", first, last)
    assert (len(settled["transactions"]), len(settled["quarantine"]), len(settled["pool_events"])) == (
        14986,
        0,
        44,
    )
    assert_consistent(settled)
