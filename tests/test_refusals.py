"""A refusal tells enough to mend the feed (SPEC 3, 12): reasons by count, and where which value is not as wanted."""

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.commands.main import run
from flows.settlement.intake.largest import room_fen
from lake.landing.row_lines import row_lines
from schemas.feeds import COIN_REDEMPTIONS, PAYOUTS, TRANSACTIONS, Feed
from schemas.rulebook import SHIPPED, load_rulebook
from schemas.spreadsheet import as_text
from tests.damage import same_state
from tests.small_lake import command
from tests.tiny import HEADER, day, purchase, refund, write_tiny
from transforms.intake.faulty_column import faulty_column

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "cases"
STRICT = {"quarantine_min_rows = 100": "quarantine_min_rows = 1"}
SALE = dict(zip(HEADER.split(","), purchase("x", 1, "10.00").split(","), strict=True))
BACK = dict(zip(HEADER.split(","), refund("x", 1, "10.00", "a", 1).split(","), strict=True))
PAID = dict(zip(PAYOUTS.columns, ["p", f"{day(1)}T12:00:00+08:00", "merchant", "1", "cash", "5.00"], strict=True))
SPENT = dict(zip(COIN_REDEMPTIONS.columns, ["k", f"{day(1)}T12:00:00+08:00", "member", "1", "5.00"], strict=True))


@pytest.mark.parametrize(
    ("feed", "row", "changed", "reason", "column"),
    [
        (TRANSACTIONS, SALE, {"txn_id": ""}, "malformed", "txn_id"),
        (TRANSACTIONS, SALE, {"kind": "sale"}, "malformed", "kind"),
        (TRANSACTIONS, SALE, {"occurred_at": "2019-03-01 12:00:00"}, "malformed", "occurred_at"),
        (TRANSACTIONS, SALE, {"member_id": "A7"}, "malformed", "member_id"),
        (TRANSACTIONS, SALE, {"merchant_id": ""}, "malformed", "merchant_id"),
        (TRANSACTIONS, SALE, {"amount": "1,234.50"}, "malformed", "amount"),
        (TRANSACTIONS, SALE, {"voucher_amount": "none"}, "malformed", "voucher_amount"),
        (TRANSACTIONS, SALE, {"concession_rate": "12%"}, "malformed", "concession_rate"),
        (TRANSACTIONS, SALE, {"channel": "web"}, "malformed", "channel"),
        (TRANSACTIONS, SALE, {"member_id": "x", "amount": "y"}, "malformed", "member_id"),
        (TRANSACTIONS, SALE, {"original_date": "never", "channel": "web"}, "malformed", "channel"),
        (TRANSACTIONS, BACK, {"original_txn_id": ""}, "malformed", "original_txn_id"),
        (TRANSACTIONS, BACK, {"original_date": "never"}, "malformed", "original_date"),
        (TRANSACTIONS, SALE, {"amount": "-1"}, "bad_amount", "amount"),
        (TRANSACTIONS, SALE, {"amount": "1.234"}, "bad_amount", "amount"),
        (TRANSACTIONS, SALE, {"voucher_amount": "11"}, "bad_amount", "voucher_amount"),
        (TRANSACTIONS, SALE, {}, "too_late", "occurred_at"),
        (TRANSACTIONS, SALE, {}, "duplicate", "txn_id"),
        (TRANSACTIONS, SALE, {}, "unknown_member", "member_id"),
        (TRANSACTIONS, SALE, {}, "concession_out_of_range", "concession_rate"),
        (TRANSACTIONS, BACK, {}, "unknown_original", "original_txn_id"),
        (TRANSACTIONS, BACK, {}, "refund_exceeds_purchase", "amount"),
        (PAYOUTS, PAID, {"asset": "gold"}, "malformed", "asset"),
        (PAYOUTS, PAID, {"asset": ""}, "malformed", "asset"),
        (PAYOUTS, PAID, {"holder_kind": "member"}, "malformed", "holder_kind"),
        (PAYOUTS, PAID, {"holder_kind": ""}, "malformed", "holder_kind"),
        (PAYOUTS, PAID, {"holder_id": "0"}, "malformed", "holder_id"),
        (PAYOUTS, PAID, {"amount": "5e3"}, "malformed", "amount"),
        (PAYOUTS, PAID, {}, "unknown_promoter", "holder_id"),
        (COIN_REDEMPTIONS, SPENT, {"coins": ""}, "malformed", "coins"),
        (COIN_REDEMPTIONS, SPENT, {"coins": "0"}, "bad_amount", "coins"),
        (COIN_REDEMPTIONS, SPENT, {"holder_kind": "promoter"}, "malformed", "holder_kind"),
        (COIN_REDEMPTIONS, SPENT, {"redemption_id": ""}, "malformed", "redemption_id"),
    ],
)
def test_the_column_at_fault_is_the_first_by_which_the_reason_came_about(
    feed: Feed, row: dict[str, str], changed: dict[str, str], reason: str, column: str
) -> None:
    cells = {name: value or None for name, value in {**row, **changed}.items()}
    text = pl.DataFrame([{**cells, "reason": reason}], schema=dict.fromkeys([*feed.columns, "reason"], pl.String))
    assert text.select(faulty_column(feed, pl.lit(False))).item() == column
    assert text.select(faulty_column(feed, pl.lit(True))).item() is None


def test_a_refusal_names_reasons_rows_values_and_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(tmp_path, {}, 1, rules=STRICT)
    rows = [
        purchase("=1+1", 1, "10.00", at=f"{day(1)} 12:00:00"),
        *(purchase(f"b{n}", 1, "10.00", 77) for n in range(5)),
        purchase("\u202eevil", 1, "1.234"),
        "torn,row",
        purchase("good", 1, "10.00"),
    ]
    file = tmp_path / "landing" / "transactions" / f"day={day(1)}" / "a.csv"
    file.write_text("\r\n".join([HEADER, "", *rows]) + "\r\n", encoding="utf-8")
    with same_state(tmp_path):
        assert command(tmp_path, "nightly", "--date", str(day(1))) == 12
    report = tmp_path / "reports" / f"quarantine-{day(1)}.csv"
    told = capsys.readouterr().err
    assert "8 of 9 rows are quarantined" in told
    assert "unknown_member: 5 rows" in told
    assert 'a.csv, line 4: member_id is "77"' in told
    assert told.count('member_id is "77"') == 3
    assert f'a.csv, line 3: occurred_at is "{day(1)} 12:00:00"; wanted: a timestamp like' in told
    assert "a.csv, line 10: the row is" in told
    assert str(report) in told
    assert command(tmp_path, "status") == 0
    assert "unknown_member: 5 rows" in capsys.readouterr().out
    content = report.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 9
    found = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["line"] for row in found] == ["3", "4", "5", "6", "7", "8", "9", "10"]
    assert {row["amount"] for row in found} == {"10.00", ""}
    assert found[0]["id"] == "'=1+1"
    assert found[6]["id"] == "\\u202eevil"
    assert not [cell for row in found for cell in row.values() if cell.lstrip()[:1] in "=+-@" and cell]


def test_rows_of_parquet_are_named_by_number_and_a_merchants_rate_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny(tmp_path, {1: []}, 1, rules=STRICT, merchants=["1,2018-01-01T00:00:00+08:00,440305,0.5"])
    folder = tmp_path / "landing" / "transactions" / f"day={day(1)}"
    pl.DataFrame([SALE | {"txn_id": "a"}, SALE | {"txn_id": "b", "amount": "x"}]).write_parquet(folder / "b.parquet")
    assert command(tmp_path, "nightly", "--date", str(day(1))) == 12
    told = capsys.readouterr().err
    assert "b.parquet, row 1: concession_rate is empty; wanted: a rate within the bounds" in told
    assert "here or in merchants.csv" in told
    report = tmp_path / "reports" / f"quarantine-{day(1)}.csv"
    found = list(csv.DictReader(report.read_text("utf-8-sig").splitlines()))
    assert [row["line"] for row in found] == ["row 1", "row 2"]


def test_a_dry_run_leaves_the_report_that_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(tmp_path, {1: [purchase("a", 1, "-1")]}, 1, rules=STRICT)
    places = ["--root", str(tmp_path), "--warehouse", str(tmp_path / "w.duckdb")]
    assert run([*places, "backfill", "--from", str(day(1)), "--to", str(day(1)), "--dry-run"]) == 12
    assert (tmp_path / "reports" / f"quarantine-{day(1)}.csv").exists()
    assert not (tmp_path / "reports" / "last_failure.json").exists()


def test_the_warehouse_names_the_column(tmp_path: Path) -> None:
    write_tiny(tmp_path, {1: [purchase("a", 1, "x"), "torn", purchase("b", 1, "1.00", 77)]}, 1)
    assert command(tmp_path, "nightly", "--date", str(day(1))) == 0
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as reader:
        found = reader.sql("select reason, faulty_column from quarantine order by position").fetchall()
    assert found == [("malformed", "amount"), ("malformed", None), ("unknown_member", "member_id")]
    assert command(tmp_path, "verify") == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_rows(tmp_path: Path, end: str) -> None:
    lines = ["", "a,b", "", "1,2", '3,"x', "", 'y"', "", '"""","', '4"', "5,6"]
    (tmp_path / "a.csv").write_bytes(("\ufeff" + end.join(lines) + end).encode())
    assert row_lines(tmp_path / "a.csv", [1, 2, 3, 4]) == {1: 4, 2: 5, 3: 9, 4: 11}
    assert row_lines(tmp_path / "a.parquet", [1]) == {}


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", " =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\u3000=1"]
)
def test_no_text_begins_a_formula(text: str) -> None:
    assert as_text(text).startswith("'")


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\x00=1"])
def test_no_text_hides_one(text: str) -> None:
    assert as_text(text).startswith("\\")


@pytest.mark.parametrize("feed", ["transactions", "payouts", "coin_redemptions"])
def test_amounts_that_no_table_can_hold_are_the_feeds_fault(
    feed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny(tmp_path, {1: [purchase("a", 1, "10.00")]}, 1)
    number = "4200002871202512"
    at = f"{day(1)}T12:00:00+08:00"
    lines = {
        "transactions": [HEADER, purchase("b", 1, number), purchase("c", 1, "1.00")],
        "payouts": [",".join(PAYOUTS.columns), f"p,{at},merchant,1,cash,{number}"],
        "coin_redemptions": [",".join(COIN_REDEMPTIONS.columns), f"k,{at},member,1,{number}"],
    }[feed]
    folder = tmp_path / "landing" / feed / f"day={day(1)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "z.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with same_state(tmp_path):
        assert command(tmp_path, "nightly", "--date", str(day(1))) == 12
    told = capsys.readouterr().err
    assert f"z.csv, line 2: {'coins' if feed == 'coin_redemptions' else 'amount'} is {number}" in told
    assert "The largest amounts" in told


def test_they_add_up_over_the_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(tmp_path, {n: [purchase(f"a{n}", n, "400000000000000.00")] for n in range(1, 5)}, 4)
    for number in (1, 2, 3):
        assert command(tmp_path, "nightly", "--date", str(day(number))) == 0
    with same_state(tmp_path):
        assert command(tmp_path, "nightly", "--date", str(day(4))) == 12
    assert "with 1,200,000,000,000,000.00 booked before" in capsys.readouterr().err
    assert command(tmp_path, "verify") == 0


def test_a_large_amount_in_a_row_that_is_not_booked_hinders_nothing(tmp_path: Path) -> None:
    write_tiny(tmp_path, {1: [purchase("a", 1, "9999999999999999.99", 77), purchase("b", 1, "10.00")]}, 1)
    assert command(tmp_path, "nightly", "--date", str(day(1))) == 0
    assert command(tmp_path, "verify") == 0


def test_a_world_of_a_million_million_yuan_has_room() -> None:
    assert room_fen(load_rulebook(SHIPPED)) > 10**12 * 100 * 1000


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("8", ["line 3: amount is 4200002986202512"]),
        (
            "9",
            [
                "malformed: 120 rows",
                'line 2: occurred_at is "2025-01-31 10:00:00"',
                "with its offset",
                "quarantine-2025",
            ],
        ),
        ("11", ["bad_amount: 101 rows"]),
    ],
)
def test_shared_cases(case: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "root"
    shutil.copytree(CASES / case / "landing", root / "landing")
    places = ["--root", str(root), "--warehouse", str(tmp_path / "w.duckdb")]
    assert run([*places, "nightly", "--direct", "--date", "2025-01-31"]) == 12
    told = capsys.readouterr().err
    assert all(word in told for word in words), told
    assert not (tmp_path / "w.duckdb").exists()
    if case == "11":
        rows = list(csv.reader((root / "reports" / "quarantine-2025-01-31.csv").read_text("utf-8-sig").splitlines()))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
        assert Decimal(rows[1][9].strip("'")) == -1
        assert json.loads(rows[1][10])["txn_id"].startswith("=HYPERLINK")
