"""Exported files say what the warehouse says, to the fen: workbooks with their formulas' values, CSV and Parquet."""

import csv
import errno
import json
import os
import random
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from flows.commands.main import run
from lake.lock import alone
from marts.exports import sheets
from marts.exports.month import export_month
from marts.exports.subjects import SUBJECTS
from marts.exports.sums import Sum
from schemas.errors import ControlFailedError
from tests.engine import backfill, close, published
from tests.exported import settled_world
from tests.tiny import day, purchase, write_tiny

pytestmark = pytest.mark.xdist_group("exports")  # its worlds are made by one worker

MONTH = date(2025, 1, 1)
NAMES = [subject.name for subject in SUBJECTS]
KEYS = {"merchant_settlements": 1, "voucher_issues": 7, "journal": 4}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = settled_world(tmp_path_factory.mktemp("exported"))
    export_month(root / "w.duckdb", MONTH, root / "out")
    return root


@pytest.fixture(scope="module")
def reader(world: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(world / "w.duckdb"), read_only=True) as connection:
        yield connection


def books(path: Path) -> tuple[Any, Any]:
    """A workbook with its formulas, and with the values that they were written with."""
    return openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)


def first_by_name(rows: Any) -> dict[Any, Any]:
    """The rows of a cover by their first cell; its list of columns below the totals has the same names once more."""
    found: dict[Any, Any] = {}
    for name, *rest in rows:
        found.setdefault(getattr(name, "value", name), rest)
    return found


def exact(value: Any) -> Any:
    """A cell as its subject's CSV has it. A number cell is a double: of up to 15 digits, its shortest text is exact."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else value if isinstance(value, str) else repr(value).removesuffix(".0")


def same(cell: Any, text: str) -> bool:
    if isinstance(cell, int | float):
        return Decimal(exact(cell)) == Decimal(text)
    return bool(exact(cell) == text)


@pytest.mark.parametrize("name", NAMES)
def test_the_three_files_hold_the_same_rows(world: Path, name: str) -> None:
    stem = world / "out" / f"{name}-2025-01"
    with stem.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    parquet = pl.read_parquet(stem.with_suffix(".parquet"))
    assert parquet.columns == head
    assert all(type_ not in (pl.Float32, pl.Float64) for type_ in parquet.dtypes)
    assert [["" if value is None else str(value) for value in row] for row in parquet.rows()] == lines
    _, values = books(stem.with_suffix(".xlsx"))
    total, heading, *rows = values.worksheets[1].iter_rows(values_only=True)
    assert list(heading) == head
    assert total[0] == "Total"
    assert len(rows) == len(lines) > 0
    for row, line in zip(rows, lines, strict=True):
        assert all(same(cell, text) for cell, text in zip(row, line, strict=True)), (row, line)


@pytest.mark.parametrize("name", NAMES)
def test_totals_are_formulas_that_hold_the_sum(world: Path, name: str) -> None:
    path = world / "out" / f"{name}-2025-01.xlsx"
    parquet = pl.read_parquet(path.with_suffix(".parquet"))
    formulas, values = books(path)
    sheet = formulas.worksheets[1]
    summed = 0
    for column, each in enumerate(parquet.columns, start=1):
        if isinstance(parquet.schema[each], pl.Decimal):
            letter = openpyxl.utils.get_column_letter(column)
            assert sheet.cell(1, column).value == f"=ROUND(SUM({letter}3:{letter}{parquet.height + 2}),2)"
            held = Decimal(repr(values.worksheets[1].cell(1, column).value))
            assert held == parquet[each].sum()
            assert "#,##0.00" in sheet.cell(3, column).number_format
            summed += 1
    assert summed
    assert sheet.freeze_panes == "B3"
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.auto_filter.ref == f"A2:{openpyxl.utils.get_column_letter(parquet.width)}{parquet.height + 2}"


@pytest.mark.parametrize("name", NAMES)
def test_the_cover_names_the_run_and_equals_the_warehouse(
    world: Path, reader: duckdb.DuckDBPyConnection, name: str
) -> None:
    formulas, values = books(world / "out" / f"{name}-2025-01.xlsx")
    assert formulas.sheetnames[0] == "Cover"
    cover = [row[:5] for row in values["Cover"].iter_rows(values_only=True, max_col=5)]
    said = {row[0]: row[1] for row in cover if row[0]}
    run_id, fingerprint, record = reader.sql(
        "select run_id, rulebook_fingerprint, record_hash from runs join publication using (run_id)"
    ).fetchall()[0]
    assert (said["Run"], said["Rulebook fingerprint"], said["Record hash"]) == (run_id, fingerprint, record)
    lines = pl.read_parquet(world / "out" / f"{name}-2025-01.parquet").height
    assert said["Rows"] == lines, "a number"
    for sheet in formulas.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, "one page wide, as many long as it takes"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert (said["Days"], said["Month"]) == ("2025-01-01 to 2025-01-31", "complete")
    begin = next(number for number, row in enumerate(cover) if row[0] == "Control total")
    compared = [row for row in cover[begin + 1 :] if row[2] is not None]
    assert compared
    assert all(row[1] == row[2] and row[3] == 0 and row[4] for row in compared)


def test_what_is_owed_is_what_the_warehouse_owes(world: Path, reader: duckdb.DuckDBPyConnection) -> None:
    owed = dict(
        reader.sql(
            "select account, sum(credit - debit) from journal where business_date < '2025-02-01' group by 1"
        ).fetchall()
    )
    for name, account in (
        ("merchant_settlements", "merchant_payable"),
        ("promoter_payouts", "promoter_payable"),
        ("agent_payouts", "agent_payable"),
        ("partner_payouts", "partner_payable"),
    ):
        found = pl.read_parquet(world / "out" / f"{name}-2025-01.parquet")
        assert found["closing"].sum() == owed[account] != 0
        moved = [each for each in found.columns if isinstance(found.schema[each], pl.Decimal)]
        earned = set(moved) - {
            *("opening", "closing", "payouts", "performance"),
            *("sales", "concession", "vouchers", "vouchers_earned"),
        }
        lines = found.with_columns(moved=pl.col("opening") + pl.sum_horizontal(*earned) - pl.col("payouts"))
        assert lines.filter(pl.col("moved") != pl.col("closing")).is_empty()
    merchants = pl.read_parquet(world / "out" / "merchant_settlements-2025-01.parquet")
    assert merchants.filter(pl.col("sales") - pl.col("concession") != pl.col("proceeds")).is_empty()
    issued = pl.read_parquet(world / "out" / "voucher_issues-2025-01.parquet")["amount"].sum()
    sql = (
        "select sum(amount) from ledger where asset = 'voucher' and kind not in ('redemption', 'payout')"
        " and business_date < '2025-02-01'"
    )
    assert issued == reader.sql(sql).fetchall()[0][0]


def test_the_same_books_give_the_same_files(world: Path, tmp_path: Path) -> None:
    export_month(world / "w.duckdb", MONTH, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3 * len(SUBJECTS)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (world / "out" / path.name).read_bytes(), path.name


def test_rows_beyond_a_sheet_go_to_further_sheets(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 70)
    export_month(world / "w.duckdb", MONTH, tmp_path)
    whole = pl.read_parquet(tmp_path / "journal-2025-01.parquet")
    formulas, values = books(tmp_path / "journal-2025-01.xlsx")
    names = formulas.sheetnames[1:]
    assert names[:2] == ["Journal", "Journal (2)"]
    assert len(names) == -(-whole.height // 70) > 2
    rows = [row for name in names for row in values[name].iter_rows(min_row=3, values_only=True)]
    assert [[exact(cell) for cell in row[2:4]] for row in rows] == [list(row[2:4]) for row in whole.rows()]
    parts = [Decimal(repr(values[name].cell(1, 5).value)) for name in names]
    assert sum(parts) == whole["debit"].sum()
    cover = first_by_name(formulas["Cover"].iter_rows(max_col=2))
    assert cover["debit"][0].value == "=ROUND(" + "+".join(f"'{name}'!E1" for name in names) + ",2)"
    held = first_by_name(values["Cover"].iter_rows(max_col=2, values_only=True))
    assert Decimal(repr(held["debit"][0])) == whole["debit"].sum()


def changed(world: Path, tmp_path: Path, *statements: str) -> Path:
    copy = tmp_path / "w.duckdb"
    copy.write_bytes((world / "w.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as writer:
        for statement in statements:
            writer.execute(statement)
    return copy


def test_an_amount_too_long_for_a_number_cell_is_written_as_text(world: Path, tmp_path: Path) -> None:
    large, digits = "9007199254740993.01", 2**62 + 1
    copy = changed(
        world,
        tmp_path,
        f"""insert into ledger values
            ('2025-01-31', '2025-01-31', 'merchant', {digits}, 'cash', 'sales_proceeds', '', 'settlement',
            {large}, 0)""",
        f"insert into journal values ('2025-01-31', '2025-01-31', 'sales', 'merchant_payable', 0, {large})",
        f"insert into journal values ('2025-01-31', '2025-01-31', 'sales', 'clearing', {large}, 0)",
    )
    export_month(copy, MONTH, tmp_path)
    formulas, values = books(tmp_path / "merchant_settlements-2025-01.xlsx")
    data = values.worksheets[1]
    head = [cell.value for cell in data[2]]
    row = next(row for row in data.iter_rows(min_row=3, values_only=True) if row[0] == str(digits))
    assert row[head.index("proceeds")] == large
    total = pl.read_parquet(tmp_path / "merchant_settlements-2025-01.parquet")["proceeds"].sum()
    assert formulas.worksheets[1].cell(1, head.index("proceeds") + 1).value == f"{total:f}"
    assert formulas.worksheets[1].cell(1, head.index("sales") + 1).value.startswith("=")
    held = first_by_name(values["Cover"].iter_rows(max_col=4, values_only=True))
    assert held["proceeds"] == [f"{total:f}", f"{total:f}", "0.00"]


def test_the_formula_gives_the_total_to_the_fen_in_doubles() -> None:
    """The spreadsheet's arithmetic, in binary floats as it does it, against exact integers."""
    dice, ways = random.Random(7), set()
    for _ in range(2000):
        size = 10 ** dice.randint(1, 15)
        fen = [dice.randint(-size, size) for _ in range(dice.randint(1, 60))]
        amounts = [Decimal(each).scaleb(-2) for each in fen]
        magnitude = sum(map(abs, amounts), Decimal(0))
        total = Sum(len(fen), sum(amounts, Decimal(0)), magnitude, max(map(abs, amounts)))
        if total.is_number:
            formula = total.formula("A3:A4")
            ways.add(formula)
            assert Decimal(repr(added(formula, [float(each) for each in amounts]))) == total.total
    assert len(ways) == 2


def added(formula: str, doubles: list[float]) -> float:
    if "SUMPRODUCT" in formula:
        return float(sum(round(each * 100) for each in doubles)) / 100
    total = 0.0
    for each in doubles:
        total += each
    return float(f"{total:.2f}")


def test_many_large_amounts_are_added_as_whole_fen() -> None:
    assert Sum(3, Decimal("6.00"), Decimal("6.00"), Decimal("3.00")).formula("A3:A5") == "=ROUND(SUM(A3:A5),2)"
    million = Sum(10**6, Decimal(10**9), Decimal(10**9), Decimal(10**4))
    assert million.formula("A3:A9") == "=SUMPRODUCT(ROUND(A3:A9*100,0))/100"


def test_a_total_that_is_not_the_warehouses_stops_the_export(world: Path, tmp_path: Path) -> None:
    copy = changed(world, tmp_path, "update journal set debit = debit + 0.01 where account = 'clearing'")
    with pytest.raises(ControlFailedError, match="Journal does not agree"):
        export_month(copy, MONTH, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_texts_stay_texts(world: Path, tmp_path: Path) -> None:
    copy = changed(world, tmp_path, "update promoter_months set level = '=1+1'")
    export_month(copy, MONTH, tmp_path)
    formulas, _ = books(tmp_path / "promoter_payouts-2025-01.xlsx")
    cell = formulas.worksheets[1].cell(3, 2)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "+1", "-1", "@a", "＝1", "\t=1", "\n@a", "plain", "a=1"])
def test_no_text_of_a_csv_begins_a_formula(text: str, world: Path, tmp_path: Path) -> None:
    copy = changed(world, tmp_path, f"update promoter_months set level = '{text}'")
    export_month(copy, MONTH, tmp_path)
    with (tmp_path / "promoter_payouts-2025-01.csv").open(encoding="utf-8", newline="") as file:
        levels = {row["level"] for row in csv.DictReader(file)}
    assert levels == {text if text in ("plain", "a=1") else f"'{text}"}
    assert set(pl.read_parquet(tmp_path / "promoter_payouts-2025-01.parquet")["level"]) == {text}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_workbook_that_cannot_be_written_leaves_the_folder_as_it_was(
    number: int, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Workbook) -> None:
        raise FileCreateError(OSError(number, os.strerror(number)))

    monkeypatch.setattr(Workbook, "_store_workbook", refuse)
    line = ["--root", str(world), "--warehouse", str(world / "w.duckdb"), "export", "--month", "2025-01"]
    assert run([*line, "--to", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "a defect of the program" not in told
    assert ("the disk is full" if number == errno.ENOSPC else "Permission denied") in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".export.lock"]


def test_two_exports_into_one_folder_are_one_after_the_other(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--warehouse", str(world / "w.duckdb"), "export", "--month", "2025-01", "--to", str(tmp_path / "out")]
    with alone(tmp_path / "out", ".export.lock", "busy"):
        assert run(line) == 14
        assert "another export is being written into this folder" in capsys.readouterr().err
        assert [path.name for path in (tmp_path / "out").iterdir()] == [".export.lock"]
    assert run(line) == 0


def test_restatements_stand_in_the_month_that_books_them(tmp_path: Path) -> None:
    """A closed day changes: what was posted stays, and every total still is the journal's."""
    days = {1: [purchase("a1", 1, "3000.00")], 2: [purchase("b1", 2, "500.00", 2)], 33: [purchase("c1", 33, "70.00")]}
    _, rulebook = write_tiny(tmp_path, days, 33)
    backfill(tmp_path, rulebook, day(1), day(32))
    close(tmp_path, day(31))
    backfill(tmp_path, rulebook, day(33), day(33))
    late = tmp_path / "landing" / "transactions" / f"day={day(2)}" / "b.csv"
    head = (late.parent / "a.csv").read_text(encoding="utf-8").splitlines()[0]
    late.write_text(f"{head}\n{purchase('b2', 2, '900.00', 2)}\n", encoding="utf-8")
    backfill(tmp_path, rulebook, day(2), day(33), restate=True)
    warehouse = published(tmp_path)
    for first in (day(1), day(32)):
        export_month(warehouse, first, tmp_path / "out")
    posted, restated = (pl.read_parquet(tmp_path / "out" / f"merchant_settlements-2019-0{n}.parquet") for n in (3, 4))
    assert [posted[name].sum() for name in ("sales", "corrected_sales")] == [Decimal("3500.00"), Decimal("4400.00")]
    assert [posted[name].sum() for name in ("proceeds", "correction")] == [Decimal("3150.00"), Decimal("810.00")]
    assert posted["corrected_proceeds"].sum() == Decimal("3960.00")
    assert [restated[name].sum() for name in ("proceeds", "restated")] == [Decimal("63.00"), Decimal("810.00")]
    assert restated["opening"].sum() == posted["closing"].sum()


def test_a_month_that_is_not_complete_is_said_to_be(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "--warehouse",
        str(world / "w.duckdb"),
        "export",
        "--month",
        "2025-02",
        "--to",
        str(tmp_path),
        "--json",
    ]
    assert run(arguments) == 0
    told = capsys.readouterr()
    assert "not complete" in told.err
    answer = json.loads(told.out)
    assert (answer["complete"], answer["through"]) == (False, "2025-02-27")
    assert [each["subject"] for each in answer["exports"]] == NAMES
    assert all(Path(file).exists() for each in answer["exports"] for file in each["files"])
    _, values = books(tmp_path / "journal-2025-02.xlsx")
    said = {row[0]: row[1] for row in values["Cover"].iter_rows(max_col=2, values_only=True) if row[0]}
    assert "NOT COMPLETE" in said["Month"]


def test_a_month_without_anything_makes_empty_files(tmp_path: Path) -> None:
    _, rulebook = write_tiny(tmp_path, {}, 2)
    backfill(tmp_path, rulebook, day(1), day(2))
    _, made = export_month(published(tmp_path), day(1), tmp_path / "out")
    assert all(each.rows == 0 for each in made if each.subject != "promoter_payouts")
    formulas, values = books(tmp_path / "out" / "journal-2019-03.xlsx")
    assert formulas.sheetnames == ["Cover", "Journal"]
    assert values["Journal"].cell(1, 5).value == 0
