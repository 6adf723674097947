"""Exports and answers of restated months (SPEC 14): posted and corrected figures each add up, and what was restated
when is said; in the restated month, in the month that booked it, and where both are the same."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest

from flows.commands.main import run
from flows.report.write import write_report
from marts.exports.month import export_month
from tests.engine import backfill, close, night, published
from tests.test_reports import Tables
from tests.tiny import HEADER, day, purchase, refund, write_tiny

pytestmark = pytest.mark.xdist_group("restated exports")  # its worlds are made by one worker

MARCH, APRIL = date(2019, 3, 1), date(2019, 4, 1)
EARNED = {
    "merchant_settlements": ("proceeds",),
    "promoter_payouts": ("commission", "mentoring", "fixed_subsidy", "bonus_subsidy"),
    "agent_payouts": ("agent_commission",),
    "partner_payouts": ("partner_share",),
}
PAYABLE = {name: f"{name.split('_', maxsplit=1)[0]}_payable" for name in EARNED}
ORGANISATION = {
    "promoters": ("1,2019-01-01,,trainee", "2,2019-01-01,1,"),
    "merchant_promoters": ("1,1,2019-01-01", "2,2,2019-01-01"),
    "agents": ("1,44,2019-01-01,", "2,4403,2019-01-01,", "3,310101,2019-01-01,"),
    "partners": ("1,7,0.5,2019-01-01,", "3,8,0.25,2019-01-01,"),
    "bindings": ("1,2,2018-06-01T00:00:00+08:00", "2,1,2018-06-01T00:00:00+08:00"),
}
DAYS = {
    1: [purchase("a1", 1, "3000.00"), purchase("a2", 1, "400.00", 2, merchant=2)],
    2: [purchase("b1", 2, "500.00", 2)],
    3: [purchase("c1", 3, "800.00", 1, voucher="4.00")],
    9: [purchase("d1", 9, "2000.00", 2, merchant=2), refund("d2", 9, "100.00", "a1", 1)],
    31: [purchase("e1", 31, "900.00")],
    33: [purchase("f1", 33, "70.00")],
    34: [purchase("g1", 34, "60.00", 2)],
    35: [purchase("h1", 35, "50.00", 2, merchant=2)],
    36: [purchase("i1", 36, "40.00")],
}
PAYOUTS = {
    5: ["p1,{at},merchant,1,cash,1000.00", "p2,{at},merchant,2,cash,10.00"],
    32: ["p3,{at},promoter,1,cash,100.00", "p4,{at},agent,1,cash,5.00"],
}


@dataclass(frozen=True)
class Stage:
    """The exports of March and April after some restatement, and the warehouse that they are of."""

    folder: Path
    warehouse: Path

    def table(self, subject: str, month: date) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{subject}-{month:%Y-%m}.parquet")

    def cover(self, subject: str, month: date) -> list[tuple[Any, ...]]:
        book = openpyxl.load_workbook(self.folder / f"{subject}-{month:%Y-%m}.xlsx", data_only=True)
        return list(book["Cover"].iter_rows(max_col=5, values_only=True))

    def said(self, subject: str, month: date) -> dict[Any, Any]:
        return {row[0]: row[1] for row in reversed(self.cover(subject, month)) if row[0]}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as reader:
            return reader.sql(sql).fetchall()


def land(root: Path, number: int, name: str, *rows: str) -> None:
    path = root / "landing" / "transactions" / f"day={day(number)}" / f"{name}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def pay(root: Path, number: int, rows: list[str]) -> None:
    folder = root / "landing" / "payouts" / f"day={day(number)}"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [row.format(at=f"{day(number)}T12:00:00+08:00") for row in rows]
    (folder / "p.csv").write_text(
        "\n".join(["payout_id,occurred_at,holder_kind,holder_id,asset,amount", *lines]) + "\n", encoding="utf-8"
    )


def exported(root: Path, name: str) -> Stage:
    stage = Stage(root / name, root / f"{name}.duckdb")
    shutil.copyfile(published(root), stage.warehouse)
    for month in (MARCH, APRIL):
        export_month(stage.warehouse, month, stage.folder)
    return stage


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Stage]:
    """One small world, restated again and again."""
    root = tmp_path_factory.mktemp("restated")
    _, book = write_tiny(root, DAYS, 36, **ORGANISATION)
    for number, rows in PAYOUTS.items():
        pay(root, number, rows)
    backfill(root, book, day(1), day(32))
    close(root, day(31))
    night(root, book, day(33))
    found = {"before": exported(root, "before")}
    # a sale found later, a refund of points that have had dividends, another payout: March, booked in April
    land(root, 2, "late", purchase("b2", 2, "900.00", 2, merchant=2, voucher="1.00"), refund("b3", 2, "50.00", "a1", 1))
    pay(root, 5, ["p1,{at},merchant,1,cash,1200.00", "p5,{at},merchant,2,cash,20.00"])
    backfill(root, book, day(2), day(2), restate=True)
    found["once"] = exported(root, "once")
    # the month's last day, on which promoters and agents are reckoned; the same days once more, on a later day
    night(root, book, day(34))
    land(root, 31, "late", purchase("e2", 31, "700.00", 2), refund("e3", 31, "300.00", "a1", 1))
    backfill(root, book, day(31), day(31), restate=True)
    found["twice"] = exported(root, "twice")
    # what booked it is closed as well: April is restated, and books it
    close(root, day(34))
    night(root, book, day(35))
    land(root, 33, "late", purchase("f2", 33, "80.00"))
    backfill(root, book, day(33), day(33), restate=True)
    found["same month"] = exported(root, "same_month")
    # a row that is refused: no amount moves
    close(root, day(35))
    night(root, book, day(36))
    land(root, 33, "bad", purchase("bad", 33, "-1.00"))
    backfill(root, book, day(33), day(33), restate=True)
    found["quarantine"] = exported(root, "quarantine")
    return found


STAGES = ("before", "once", "twice", "same month", "quarantine")
MONTHS = pytest.mark.parametrize("month", [MARCH, APRIL])
EVERY = pytest.mark.parametrize("stage", STAGES)


def column(rows: pl.DataFrame, name: str) -> pl.Series:
    """A column of a page; zeros where the page has none, since nothing was restated."""
    if name in rows.columns:
        return rows[name]
    if name.startswith("corrected_"):
        return rows[name.removeprefix("corrected_")]
    return pl.Series(name, [Decimal("0.00")] * rows.height, pl.Decimal(18, 2))


@EVERY
@MONTHS
@pytest.mark.parametrize("name", list(EARNED))
def test_each_row_adds_up(stages: Mapping[str, Stage], stage: str, month: date, name: str) -> None:
    rows = stages[stage].table(name, month)
    assert rows.height
    earned = sum((rows[each] for each in EARNED[name]), start=0 * rows["payouts"])
    corrected = sum((column(rows, f"corrected_{each}") for each in EARNED[name]), start=0 * rows["payouts"])
    moved = rows["opening"] + earned - rows["payouts"] + column(rows, "restated")
    assert (moved == rows["closing"]).all()
    posted = earned - rows["payouts"] + column(rows, "correction")
    assert (posted == corrected - column(rows, "corrected_payouts")).all()


@EVERY
@MONTHS
def test_sales_less_concession_are_proceeds_in_either_set(stages: Mapping[str, Stage], stage: str, month: date) -> None:
    rows = stages[stage].table("merchant_settlements", month)
    assert (rows["sales"] - rows["concession"] == rows["proceeds"]).all()
    sold, conceded, got = (column(rows, f"corrected_{name}") for name in ("sales", "concession", "proceeds"))
    assert (sold - conceded == got).all()
    vouchers = rows["vouchers_earned"] + column(rows, "correction_vouchers_earned")
    assert (vouchers == column(rows, "corrected_vouchers_earned")).all()


@MONTHS
def test_what_was_posted_stays_whatever_is_restated_later(stages: Mapping[str, Stage], month: date) -> None:
    """March was closed from the beginning: its posted columns are those of the first export, but for what it shows of
    corrected months; April's days are posted once."""
    posted = ("merchant_id", "transactions", "sales", "vouchers", "concession", "opening", "proceeds", "payouts")
    first = stages["before"].table("merchant_settlements", MARCH).select(posted)
    for stage in STAGES:
        assert stages[stage].table("merchant_settlements", MARCH).select(posted).equals(first), stage
        if month == APRIL and stage != "before":
            assert column(stages[stage].table("merchant_settlements", APRIL), "restated").sum() != 0


@EVERY
@MONTHS
def test_one_month_ends_where_the_next_begins(stages: Mapping[str, Stage], stage: str, month: date) -> None:
    if month == MARCH:
        for name in EARNED:
            ends, begins = (stages[stage].table(name, each) for each in (MARCH, APRIL))
            assert ends["closing"].sum() == begins["opening"].sum()


@EVERY
@MONTHS
def test_pages_agree_with_ledger_and_journal(stages: Mapping[str, Stage], stage: str, month: date) -> None:
    """Recomputed here from the warehouse's tables: posted with posted, restated with restated, corrected with due."""
    found = stages[stage]
    for name, account in PAYABLE.items():
        rows = found.table(name, month)
        within = f"account = '{account}' and date_trunc('month', business_date) = '{month}'"
        booked, restated, due = (
            found.query(f"select coalesce(sum(credit - debit), 0.00) from {table} where {within}")[0][0]
            for table in ("journal", "journal_restatements", "journal_due")
        )
        posted = sum(rows[each].sum() for each in EARNED[name]) - rows["payouts"].sum()
        assert posted == booked - restated
        assert column(rows, "restated").sum() == restated
        assert column(rows, "correction").sum() == due - (booked - restated)
        sums = found.query(
            "select coalesce(sum(amount), 0.00) from ledger where asset = 'cash' and origin = 'restatement'"
            f" and holder_kind = '{name.split('_')[0]}' and date_trunc('month', business_date) = '{month}'"
        )
        assert sums == [(restated,)]


@EVERY
@MONTHS
def test_months_of_promoters_agents_and_pools_are_the_corrected_ones(
    stages: Mapping[str, Stage], stage: str, month: date
) -> None:
    found = stages[stage]
    if month == MARCH:
        pay_of = found.table("promoter_payouts", month)
        for name in EARNED["promoter_payouts"]:
            due = found.query(f"select sum({name}) from promoter_months where month = '{month}'")[0][0]
            assert column(pay_of, f"corrected_{name}").sum() == due
        partners, agents = found.table("partner_payouts", month), found.table("agent_payouts", month)
        part, whole = found.query(f"select sum(partner_amount), sum(amount) from agent_months where month = '{month}'")[
            0
        ]
        assert column(partners, "corrected_partner_share").sum() == part
        assert column(agents, "corrected_agent_commission").sum() == whole - part
    issued = found.table("voucher_issues", month)
    dividends = issued.filter(pl.col("kind").is_in(["dividend", "dividend_clawback"]))
    decided = found.query(f"select sum(dividends) from days where date_trunc('month', business_date) = '{month}'")
    assert (column(dividends, "corrected") if "corrected" in issued.columns else dividends["amount"]).sum() == decided[
        0
    ][0]


@EVERY
@MONTHS
def test_issues_and_journal_split_into_posted_and_restated(
    stages: Mapping[str, Stage], stage: str, month: date
) -> None:
    found = stages[stage]
    issued, journal = found.table("voucher_issues", month), found.table("journal", month)
    if "corrected" not in issued.columns:
        assert "corrected" not in journal.columns
        return
    settled = issued["amount"] - issued["restated"]
    assert (settled + issued["correction"] == issued["corrected"]).all()
    assert (issued.filter(pl.col("origin") == "settlement")["restated"] == 0).all()
    posted = journal["credit"] - journal["debit"] - journal["restated"]
    assert (posted + journal["correction"] == journal["corrected"]).all()
    within = f"date_trunc('month', business_date) = '{month}'"
    for table, amount in (
        ("journal", journal["credit"] - journal["debit"]),
        ("journal_restatements", journal["restated"]),
    ):
        wanted = dict(found.query(f"select account, sum(credit - debit) from {table} where {within} group by 1"))
        sums = journal.select("account", amount=amount).group_by("account").agg(pl.col("amount").sum())
        assert {account: value for account, value in sums.iter_rows() if value} == {
            account: value for account, value in wanted.items() if value
        }


@EVERY
@MONTHS
def test_workbooks_hold_their_sums_and_covers_compare_like_with_like(
    stages: Mapping[str, Stage], stage: str, month: date
) -> None:
    found = stages[stage]
    paths = sorted(found.folder.glob(f"*-{month:%Y-%m}.xlsx"))
    assert ("restatements" in {path.stem[:-8] for path in paths}) == (stage != "before")
    for path in paths:
        book = openpyxl.load_workbook(path, data_only=True)
        total, heading, *rows = book.worksheets[1].iter_rows(values_only=True)
        parquet = pl.read_parquet(path.with_suffix(".parquet"))
        assert list(heading) == parquet.columns
        assert len(rows) == parquet.height
        for number, name in enumerate(parquet.columns):
            if isinstance(parquet.schema[name], pl.Decimal):
                assert Decimal(str(total[number])) == sum((Decimal(str(row[number])) for row in rows), Decimal(0))
        cover = found.cover(path.stem[:-8], month)
        begin = next(number for number, row in enumerate(cover) if row[0] == "Control total")
        lines = cover[begin + 1 : begin + 1 + sum(isinstance(kind, pl.Decimal) for kind in parquet.dtypes)]
        compared = [row for row in lines if row[2] is not None]
        assert compared
        assert all(row[1] == row[2] and row[3] == 0 for row in compared)
        assert all(row[1] is not None for row in lines)


@MONTHS
def test_covers_say_what_was_restated_when(stages: Mapping[str, Stage], month: date) -> None:
    assert stages["before"].said("journal", month)["Restated"] == "no"
    once = stages["once"].said("journal", month)
    whole = "complete" if month == MARCH else "NOT COMPLETE"
    assert once["Month"].startswith(whole)
    if month == MARCH:
        assert once["Month"] == "complete; days of it were restated since"
        assert once["Restated"].startswith("yes: this month's closed days 2019-03-02 to")
        assert "booked on 2019-04-02" in once["Restated"]
        assert stages["twice"].said("journal", month)["Restated"].endswith("booked on 2019-04-02, 2019-04-03")
    else:
        assert once["Restated"].startswith("yes: other months' closed days 2019-03-02 to")
        assert "this month's closed days 2019-04-02" in stages["same month"].said("journal", month)["Restated"]


def test_the_cover_lists_bookings_by_run_kind_and_day(stages: Mapping[str, Stage]) -> None:
    found = stages["once"]
    ((run_id,),) = found.query("select distinct run_id from restatements")
    cover = found.cover("merchant_settlements", MARCH)
    begin = next(number for number, row in enumerate(cover) if row[0] == "Restated: booked on")
    listed = {row[2]: row for row in cover[begin + 1 :] if row[0] == "2019-04-02"}
    assert {row[1] for row in listed.values()} == {run_id}
    assert listed["sales_proceeds, cash"][3:] == (
        675.00,
        "1 closed day of this month, 2019-03-02; holders: 2",
    )
    assert listed["payout, cash"][3:] == (-210.00, "1 closed day of this month, 2019-03-05; holders: 2")
    assert found.table("merchant_settlements", MARCH)["correction"].sum() == Decimal("465.00")


def test_a_restatement_that_moves_no_amount_is_told_as_that(stages: Mapping[str, Stage]) -> None:
    found = stages["quarantine"]
    last = [row for row in found.cover("merchant_settlements", APRIL) if row[0] == "2019-04-05"]
    assert [row[2:] for row in last] == [
        ("no amount of this page", 0, "1 closed day of this month, 2019-04-02"),
    ]
    same = ("merchant_id", "corrected_sales", "corrected_proceeds")
    march, before = (stages[name].table("merchant_settlements", MARCH) for name in ("quarantine", "twice"))
    assert march.select(same).equals(before.select(same))


def test_the_world_restates_every_kind_of_amount(stages: Mapping[str, Stage]) -> None:
    kinds = {(kind, asset) for kind, asset in stages["twice"].query("select distinct kind, asset from restatements")}
    assert kinds >= {
        *(("sales_proceeds", "cash"), ("payout", "cash"), ("commission", "cash"), ("mentoring", "cash")),
        *(("agent_commission", "cash"), ("partner_share", "cash"), ("redemption", "voucher"), ("dividend", "voucher")),
        *(("dividend_clawback", "voucher"), ("binding_reward", "voucher"), ("points_earned", "points")),
    }


@pytest.mark.parametrize("month", ["2019-03", "2019-04"])
def test_the_command_says_so(
    stages: Mapping[str, Stage], month: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stage, restated in (("before", False), ("once", True)):
        warehouse = ["--warehouse", str(stages[stage].warehouse)]
        assert run([*warehouse, "export", "--month", month, "--to", str(tmp_path / stage), "--json"]) == 0
        told = capsys.readouterr()
        answer = json.loads(told.out)
        assert answer["restated"] == restated
        assert ("restatements" in [each["subject"] for each in answer["exports"]]) == restated
        assert ("has restatements of closed days" in told.err) == restated


@EVERY
def test_restatements_name_their_days_and_are_the_ledgers(stages: Mapping[str, Stage], stage: str) -> None:
    found = stages[stage]
    by = "holder_kind, holder_id, asset, kind, pool"
    told = found.query(
        f"select business_date, {by}, sum(difference) from restatements group by all"
        " having sum(difference) <> 0 order by all"
    )
    booked = found.query(
        f"select business_date, {by}, sum(amount) from ledger where origin = 'restatement' group by all order by all"
    )
    assert told == booked
    assert (told == []) == (stage == "before")


def test_the_answer_lists_what_was_booked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = {number: DAYS[number] for number in (1, 2, 3)}
    _, book = write_tiny(tmp_path, days, 4, **ORGANISATION)
    backfill(tmp_path, book, day(1), day(4))
    close(tmp_path, day(3))
    land(tmp_path, 2, "late", purchase("b2", 2, "900.00", 2, merchant=2))
    said = ["--root", str(tmp_path), "--rulebook", str(book), "--warehouse", str(tmp_path / "w.duckdb")]
    arguments = [*said, "backfill", "--from", str(day(2)), "--to", str(day(2)), "--restate", "--direct"]
    assert run([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["restated"]
    assert (answer["booked_on"], answer["closed_days"]) == (str(day(4)), [str(day(2)), str(day(3))])
    proceeds = next(row for row in answer["amounts"] if row["kind"] == "sales_proceeds")
    assert proceeds == {
        **{"kind": "sales_proceeds", "asset": "cash", "holders": 1},
        **{"before": "0.00", "after": "720.00", "difference": "720.00"},
    }
    land(tmp_path, 2, "later", purchase("b3", 2, "100.00", 2))
    assert run(arguments) == 0
    told = capsys.readouterr().out
    assert f"restated 2 closed days, {day(2)} to {day(3)}, booked on {day(4)}" in told
    line = next(line for line in told.splitlines() if "sales_proceeds" in line and "->" in line)
    assert line.split() == ["sales_proceeds", "cash", "450.00", "->", "540.00", "(+90.00)", "holders:", "1"]
    (tmp_path / "landing" / "transactions" / f"day={day(4)}" / "b.csv").write_text(HEADER + "\n")
    assert run([*said, "backfill", "--from", str(day(4)), "--to", str(day(4)), "--direct", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["restated"] is None


def reported(stage: Stage, asked: dict[str, date]) -> Tables:
    root = stage.folder.parent
    path = write_report(root, stage.warehouse, **asked, out=root / "reports", rulebook=root / "rulebook.toml")
    return Tables(path.read_text(encoding="utf-8"))


def amounts(row: list[str]) -> list[Decimal]:
    return [Decimal(cell.replace(",", "")) for cell in row[2:]]


@pytest.mark.parametrize("stage", ["before", "twice", "same month"])
@pytest.mark.parametrize("asked", [{"first_of_month": MARCH}, {"first_of_month": APRIL}, {"day": day(33)}])
def test_a_report_sets_posted_beside_corrected(stages: Mapping[str, Stage], stage: str, asked: dict[str, date]) -> None:
    page = reported(stages[stage], asked)
    concerned = {"restated-days", "restated-here"} & page.tables.keys()
    assert bool(concerned) == ("restated" in page.ids)
    assert bool(concerned) == (stage != "before")
    _, *merchants = page.tables["merchants"]
    for row in merchants:
        sales, concession, proceeds, _, *more = amounts(row)
        assert sales - concession == proceeds
        if concerned:
            _, _, sold, conceded, got = more
            assert sold - conceded == got
    last = stages[stage].query(
        f"select fund_balance, voucher_liability from solvency where business_date <= '{_last(asked)}'"
        " order by business_date desc limit 1"
    )[0]
    for name, balance in zip(("settlement-fund", "voucher-liability"), last, strict=True):
        _, *moved, end = [(row[0], Decimal(row[1].replace(",", ""))) for row in page.tables[f"moves-{name}"][1:]]
        begin = Decimal(page.tables[f"moves-{name}"][1][1].replace(",", ""))
        assert begin + sum(amount for _, amount in moved) == end[1] == balance


def _last(asked: dict[str, date]) -> date:
    return asked.get("day") or (day(31) if asked["first_of_month"] == MARCH else day(36))


def test_a_report_says_what_was_restated_when(stages: Mapping[str, Stage]) -> None:
    page = reported(stages["twice"], {"first_of_month": MARCH})
    rows = page.tables["restated-days"][1:]
    assert {row[0] for row in rows} == {"2019-04-02", "2019-04-03"}
    proceeds = [row for row in rows if "sales less concession" in row[2]]
    assert [row[-1] for row in proceeds] == ["675.00", "360.00"]
    assert any("restated since" in text for text in page.texts)
    here = reported(stages["twice"], {"day": day(34)}).tables["restated-here"][1:]
    assert {row[0] for row in here} == {"2019-04-03"}
    told = reported(stages["quarantine"], {"day": day(36)}).tables["restated-here"][1:]
    assert [row[2] for row in told] == ["no amount"]


def test_a_report_shows_ages_of_what_is_below_zero(tmp_path: Path) -> None:
    _, book = write_tiny(tmp_path, {1: DAYS[1]}, 96)
    for number in (1, 36, 66, 96):
        pay(tmp_path, number, [f"p{number},{{at}},merchant,{number + 2},cash,{number}.00"])
    merchants = [f"{number + 2},2018-01-01T00:00:00+08:00,440305,0.1" for number in (1, 36, 66, 96)]
    with (tmp_path / "landing" / "reference" / "merchants.csv").open("a") as file:
        file.write("\n".join(merchants) + "\n")
    backfill(tmp_path, book, day(1), day(96))
    for last in (day(96), day(95)):
        path = write_report(tmp_path, published(tmp_path), last, out=tmp_path / "out", rulebook=book)
        page = Tables(path.read_text(encoding="utf-8"))
        ages = [(row[0], row[2], row[3]) for row in page.tables["exception-ages"][1:]]
        assert ages == [
            *([("0 to 30 days", "2" if last == day(96) else "1", "-162.00" if last == day(96) else "-66.00")]),
            ("31 to 60 days", "1", "-36.00"),
            ("more than 90 days", "1", "-1.00"),
        ]
        oldest = next(row for row in page.tables["exceptions"] if row[0] == "3")
        assert oldest[4:] == [str(day(1)), str((last - day(1)).days)]
