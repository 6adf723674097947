"""Verification (SPEC 14): a clean history passes, every hand in it is found and named, and nothing is changed."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from flows.commands.main import run
from flows.settlement.progress import Silence
from flows.verify import parts as history
from flows.verify.compare import HistoryDiffersError, Verification
from flows.verify.recompute import verify
from flows.verify.tables import CORRECTED, POSTED
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.errors import InputMissingError
from schemas.rulebook import load_rulebook
from schemas.tables import (
    BALANCES,
    CONTROLS,
    CORRECTIONS,
    DAYS,
    JOURNAL,
    JOURNAL_RESTATEMENTS,
    LEDGER,
    OVERDRAWN,
    POSITIONS,
    REFUNDS,
    RESTATED_DAYS,
    RESTATED_SALES,
    RESTATEMENTS,
    RULEBOOKS,
    SOLVENCY,
    TABLES,
    TRANSACTIONS,
    Table,
)
from simulator import WorldSpec, simulate
from tests.engine import NOW, backfill, close, night
from tests.worlds import make_world
from transforms.corrections.comparison import JOURNAL_SUMS, LEDGER_SUMS, added, difference, differing
from transforms.corrections.restatement_sums import RESTATED_PROCEEDS, RESTATEMENT_SUMS

pytestmark = pytest.mark.xdist_group("verify")  # its worlds are made by one worker

WORLD = make_world(168, days=12)
"""Purchases, refunds of closed cohorts, several events."""
RESTATED_ON = WORLD.last - timedelta(days=2)
CLOSED = WORLD.first + timedelta(days=5)

Hand = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The world after one backfill, in three buckets."""
    root = tmp_path_factory.mktemp("settled")
    _, rulebook = WORLD.write(root)
    assert backfill(root, rulebook, WORLD.first, WORLD.last, buckets=3) is not None
    yield root


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The world with closed days that were restated, and nights after it."""
    root = tmp_path_factory.mktemp("restated")
    _, rulebook = WORLD.write(root)
    assert backfill(root, rulebook, WORLD.first, RESTATED_ON, buckets=2) is not None
    assert close(root, CLOSED) is not None
    deliver_more(root, "found-later")
    assert backfill(root, rulebook, WORLD.first, WORLD.first, restate=True) is not None
    assert night(root, rulebook, WORLD.last) is not None
    yield root


@pytest.fixture
def root(settled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(settled, tmp_path / "root")


@pytest.fixture
def restated_root(restated: Path, tmp_path: Path) -> Path:
    return shutil.copytree(restated, tmp_path / "root")


def deliver_more(root: Path, identity: str) -> None:
    """One more purchase in the feed of the first day."""
    folder = root / "landing" / "transactions" / f"day={WORLD.first}"
    (folder / "control.json").unlink(missing_ok=True)
    header = "txn_id,kind,occurred_at,member_id,merchant_id,amount,voucher_amount,concession_rate,"
    row = f"{identity},purchase,{WORLD.first}T12:00:00+08:00,1,1,300.00,,0.1,,,\n"
    (folder / f"{identity}.csv").write_text(f"{header}original_txn_id,original_date,channel\n{row}", encoding="utf-8")


def verified(root: Path, rulebook: Path | None = None) -> Verification:
    """The verification, with a look at what it must leave alone."""
    before = contents(root)
    try:
        return verify(root, load_rulebook(rulebook or root / "rulebook.toml"), lambda: NOW, Silence())
    finally:
        assert contents(root) == before
        assert not (root / ".lake-verify").exists()
        with FileLock(root / ".settle.lock", timeout=0):
            pass


def contents(root: Path) -> dict[str, bytes]:
    """Every file under the root but the lock, which is there to be held."""
    found = sorted(path for path in root.rglob("*") if path.is_file() and path.name != ".settle.lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def files(root: Path, table: Table) -> list[Path]:
    """Data files of a table, those with the most rows first."""
    last = RunLog(root / "lake").last()
    assert last is not None
    found = Store(root / "lake").files(table, last.versions[table.name])
    return [root / "lake" / table.name / f.path for f in sorted(found, key=lambda f: (-f.rows, f.path))]


def rewrite(root: Path, table: Table, hand: Hand, place: int = 0) -> pl.DataFrame:
    """Change one file of a table in place; returns what it was."""
    path = files(root, table)[place]
    rows = pl.read_parquet(path, hive_partitioning=False)
    hand(rows).write_parquet(path)
    return rows


def one_more(column: str) -> Hand:
    """The first row's `column` is 1 higher."""
    first = pl.int_range(pl.len()) == 0
    return lambda rows: rows.with_columns(pl.when(first).then(pl.col(column) + 1).otherwise(column).alias(column))


def without_first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.slice(1)


def first_twice(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows, rows.head(1)])


def refused(root: Path, rulebook: Path | None = None) -> HistoryDiffersError:
    with pytest.raises(HistoryDiffersError) as failed:
        verified(root, rulebook)
    assert failed.value.exit_code == 13
    return failed.value


def test_one_backfill_verifies(root: Path) -> None:
    found = verified(root)
    assert found.verified
    assert (found.first, found.last, found.days) == (WORLD.first, WORLD.last, 12)
    assert found.notes == []
    last = RunLog(root / "lake").last()
    assert last is not None
    counts = {
        name: sum(f.rows for f in Store(root / "lake").files(table, last.versions.get(name)))
        for name, table in TABLES.items()
        if table not in (CONTROLS, RULEBOOKS)
    }
    assert found.rows == sum(counts.values())
    assert found.tables == len(counts)


def test_nights_verify_although_the_reference_data_grew(tmp_path: Path) -> None:
    _, rulebook = WORLD.write(tmp_path)
    for day in range(3, 12, 4):
        last = WORLD.first + timedelta(days=day)
        assert night(tmp_path, rulebook, last, buckets=2) is not None
        grown(tmp_path)
    found = verified(tmp_path)
    assert found.verified
    assert found.notes == [
        f"12 days were settled with other reference data than is there now: {WORLD.first} to {WORLD.last}"
    ]


def grown(root: Path) -> None:
    """A member that buys nothing joins."""
    path = root / "landing" / "reference" / "members"
    if path.with_suffix(".csv").exists():
        rows = pl.read_csv(path.with_suffix(".csv"), infer_schema=False)
    else:
        rows = pl.read_parquet(path.with_suffix(".parquet"))
    path.with_suffix(".parquet").unlink(missing_ok=True)
    number = pl.lit(str(10**6 + rows.height)).alias("member_id")
    pl.concat([rows.cast(pl.String), rows.head(1).cast(pl.String).with_columns(number)]).write_csv(
        path.with_suffix(".csv")
    )


def test_a_simulated_world_verifies(tmp_path: Path) -> None:
    spec = WorldSpec(members=80, merchants=6, days=40, transactions_per_day=25, seed=4)
    simulate(spec, tmp_path, lambda *_: None)
    book, last = tmp_path / "rulebook.toml", spec.first_day + timedelta(days=spec.days - 1)
    assert backfill(tmp_path, book, spec.first_day, last - timedelta(days=9)) is not None
    assert night(tmp_path, book, last) is not None
    assert verified(tmp_path).verified


def test_a_restated_history_verifies(restated_root: Path) -> None:
    found = verified(restated_root)
    assert found.verified
    ledger = pl.concat([pl.read_parquet(path) for path in files(restated_root, LEDGER)])
    assert "restatement" in ledger["origin"]


@pytest.mark.parametrize(
    ("table", "hand", "named"),
    [
        (LEDGER, one_more("amount_fen"), "ledger"),
        (POSITIONS, one_more("points_fen"), "positions"),
        (BALANCES, one_more("balance_fen"), "balances"),
        (TRANSACTIONS, without_first, "transactions"),
        (JOURNAL, without_first, "journal"),
        (REFUNDS, first_twice, "refunds"),
        (LEDGER, first_twice, "ledger"),
        (SOLVENCY, one_more("fund_fen"), "solvency"),
        (DAYS, one_more("rows_in"), "days"),
    ],
)
def test_a_hand_in_the_lake_is_found(root: Path, table: Table, hand: Hand, named: str) -> None:
    was = rewrite(root, table, hand)
    failed = refused(root)
    assert failed.every == (named,)
    (found,) = failed.found.differences
    assert (found.table, found.rows) == (named, 1)
    shown = [*(["business_date"] if table is REFUNDS else []), *table.key]
    assert found.key == was.select(shown).row(0, named=True)
    assert f"{named}: 1 row differs, the first at {shown[0]} " in str(failed)


def test_the_values_of_both_sides_are_told(root: Path) -> None:
    was = rewrite(root, LEDGER, one_more("amount_fen")).row(0, named=True)
    (found,) = refused(root).found.differences
    assert found.stored == {"amount_fen": was["amount_fen"] + 1}
    assert found.recomputed == {"amount_fen": was["amount_fen"]}


def test_a_missing_and_an_added_row_are_told_as_such(root: Path) -> None:
    rewrite(root, TRANSACTIONS, without_first)
    extra = {"holder_id": pl.lit(999_999, pl.Int64)}
    rewrite(root, BALANCES, lambda rows: pl.concat([rows, rows.head(1).with_columns(**extra)]))
    missing, more = refused(root).found.differences
    assert (missing.table, missing.stored) == ("transactions", None)
    assert missing.recomputed is not None
    assert (more.table, more.recomputed, more.key["holder_id"]) == ("balances", None, 999_999)


@pytest.mark.parametrize("part_rows", [1, history.PART_ROWS])
def test_of_many_the_first_by_date_is_named_and_all_are_counted(
    part_rows: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PART_ROWS", part_rows)
    days = [rewrite(root, LEDGER, one_more("amount_fen"), place)["business_date"][0] for place in range(2)]
    rewrite(root, POSITIONS, without_first)
    positions, ledger = refused(root).found.differences
    assert (positions.table, ledger.table, ledger.rows) == ("positions", "ledger", 2)
    assert ledger.key["business_date"] == min(days)


def test_files_that_are_gone_or_broken_are_named_and_the_rest_is_compared(root: Path) -> None:
    gone, broken = files(root, LEDGER)[0], files(root, POSITIONS)[0]
    gone.unlink()
    broken.write_bytes(broken.read_bytes()[:40])
    rewrite(root, BALANCES, one_more("balance_fen"))
    failed = refused(root)
    assert failed.every == ("balances",)
    assert sorted(fault.split()[0] for fault in failed.found.faults) == ["ledger", "positions"]
    assert gone.name in str(failed)


def test_a_version_that_is_gone_is_named(root: Path) -> None:
    shutil.rmtree(root / "lake" / "ledger" / "_delta_log")
    rewrite(root, BALANCES, one_more("balance_fen"))
    failed = refused(root)
    assert failed.every == ("balances",)
    assert "table ledger cannot be opened" in failed.found.faults[0]


def test_a_changed_feed_is_named(root: Path) -> None:
    deliver_more(root, "later")
    failed = refused(root)
    assert failed.found.faults == [f"the feed of {WORLD.first} has changed since it was settled"]
    assert f"the feed of {WORLD.first} has changed since it was settled" in str(failed)
    assert "transactions" in failed.every


def test_a_changed_feed_over_the_quarantine_limit_is_named_too(root: Path) -> None:
    folder = root / "landing" / "transactions" / f"day={WORLD.first}"
    (folder / "control.json").unlink(missing_ok=True)
    header = "txn_id,kind,occurred_at,member_id,merchant_id,amount,voucher_amount,concession_rate,original_txn_id,"
    rows = "".join(f"bad{number},purchase,,,,,,,,,\n" for number in range(500))
    (folder / "zz.csv").write_text(header + "original_date,channel\n" + rows, encoding="utf-8")
    failed = refused(root)
    assert failed.found.faults == [f"the feed of {WORLD.first} has changed since it was settled"]
    assert "quarantine" in failed.every


def test_a_feed_that_is_gone_is_11(root: Path) -> None:
    shutil.rmtree(root / "landing" / "transactions" / f"day={WORLD.first}")
    with pytest.raises(InputMissingError, match=str(WORLD.first)):
        verified(root)


def test_another_rulebook_is_named_if_it_changes_anything(root: Path) -> None:
    text = (root / "rulebook.toml").read_text(encoding="utf-8")
    other = root / "other.toml"
    other.write_text(text + "\n# another file, the same rules\n", encoding="utf-8")
    assert verified(root, other).verified
    lines = ['points_per_yuan = "7"' if line.startswith("points_per_yuan") else line for line in text.splitlines()]
    other.write_text("\n".join(lines), encoding="utf-8")
    failed = refused(root, other)
    assert "transactions" in failed.every
    assert f"12 days were settled with another rulebook than is there now: {WORLD.first} to {WORLD.last}" in str(failed)


@pytest.mark.parametrize(
    ("table", "column", "named"),
    [
        (CORRECTIONS, "amount_fen", ("corrections",)),
        (TRANSACTIONS, "points_fen", ("transactions",)),
        (SOLVENCY, None, ("solvency",)),
        (JOURNAL_RESTATEMENTS, None, ("journal",)),
        (RESTATEMENTS, None, (RESTATEMENT_SUMS.name,)),
        (RESTATED_SALES, "concession_fen", (RESTATED_PROCEEDS.name,)),
    ],
)
def test_a_hand_in_a_restated_lake_is_found(
    restated_root: Path, table: Table, column: str | None, named: tuple[str, ...]
) -> None:
    rewrite(restated_root, table, one_more(column) if column else lambda rows: rows.slice(0, rows.height - 1))
    assert refused(restated_root).every == named


def test_a_day_that_a_restatement_moved_is_listed(restated_root: Path) -> None:
    rewrite(restated_root, RESTATED_DAYS, lambda rows: rows.clear())
    assert refused(restated_root).every == ("restated_days",)


@pytest.mark.parametrize("lake", ["root", "restated_root"])
def test_since_when_a_balance_is_below_zero_is_verified(lake: str, request: pytest.FixtureRequest) -> None:
    place = request.getfixturevalue(lake)
    rewrite(place, OVERDRAWN, lambda rows: rows.with_columns(pl.col("since") - pl.duration(days=1)))
    assert refused(place).every == ("overdrawn",)


def test_what_was_posted_on_restated_days_is_found_by_its_sums(restated_root: Path) -> None:
    closed = (pl.col("business_date") == CLOSED).cast(pl.Int64)
    rewrite(restated_root, LEDGER, lambda rows: rows.with_columns(pl.col("amount_fen") + closed))
    rewrite(restated_root, JOURNAL, without_first)
    assert refused(restated_root).every == (LEDGER_SUMS.name, JOURNAL_SUMS.name)


def test_on_the_command_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--root", str(root), "--rulebook", str(root / "rulebook.toml")]
    assert run([*places, "verify"]) == 0
    assert f"verified {WORLD.first} to {WORLD.last}" in capsys.readouterr().out
    rewrite(root, LEDGER, one_more("amount_fen"))
    assert run([*places, "verify", "--json"]) == 13
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert (answer["verified"], answer["days"], answer["differences"][0]["table"]) == (False, 12, "ledger")
    assert "ledger: 1 row differs" in told.err
    assert "Traceback" not in told.err
    with FileLock(root / ".settle.lock"):
        assert run([*places, "verify"]) == 14


def test_without_a_lake_there_is_nothing_to_verify(tmp_path: Path) -> None:
    assert run(["--root", str(tmp_path / "nowhere"), "verify"]) == 11
    assert not (tmp_path / "nowhere").exists()


def test_every_table_has_its_comparison() -> None:
    compared = {table.name for table in (*CORRECTED, *POSTED, BALANCES, LEDGER, CORRECTIONS, CONTROLS, RULEBOOKS)}
    # Of restatements: what they moved against what the ledger booked; which run did, only the runs themselves can say.
    compared |= {RESTATEMENTS.name, RESTATED_SALES.name, RESTATED_DAYS.name}
    assert compared == set(TABLES)


def test_differences_are_counted_by_row_and_merged_in_order() -> None:
    table = Table("t", {"business_date": pl.Int64, "name": pl.String, "fen": pl.Int64}, key=("name",))
    rows = [(2, "a", 1), (1, "b", 1), (1, "c", None)]
    one = pl.DataFrame(rows, schema=table.schema, orient="row")
    assert difference(table, differing(one, one.reverse())) is None
    other = one.with_columns(fen=pl.Series([2, 3, None]))
    found = difference(table, differing(one, pl.concat([other, other.tail(1)])))
    assert found is not None
    assert (found.rows, found.key) == (3, {"business_date": 1, "name": "b"})
    assert (found.stored, found.recomputed) == ({"fen": 1}, {"fen": 3})
    assert added(None, found) is found
    assert added(found, None) is found
    later = replace(found, rows=1, key={"business_date": 1, "name": None})
    for parts in ((found, later), (later, found)):
        assert added(*parts) == replace(found, rows=4)
