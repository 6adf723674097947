"""The report says what the warehouse says, loads nothing, and refuses what is not settled."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.commands.main import run
from flows.report.write import write_report
from marts.reports import charts
from schemas.rulebook import SHIPPED
from tests.engine import backfill, published
from tests.exported import settled_world
from tests.tiny import day, write_tiny

pytestmark = pytest.mark.xdist_group("reports")  # its worlds are made by one worker


class Tables(HTMLParser):
    """Every table of a page by the id of its caption, as rows of texts; headings, links and loads beside them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.scopes: list[str] = []
        self.images: list[str] = []
        self.texts: list[str] = []
        self._rows: list[list[str]] = []
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" else []
        if tag in ("script", "link", "img", "iframe", "object", "embed", "source", "base", "image", "use"):
            self.loads.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "caption":
            self._rows = self.tables.setdefault((found["id"] or "").removesuffix("-caption"), [])
        if tag == "tr":
            self._rows.append([])
        if tag in ("th", "td"):
            self._cell = True
            self._rows[-1].append("")
        if tag == "th":
            self.scopes.append(found.get("scope") or "")
        if tag == "svg":
            assert found.get("role") == "img"
            self.images.append(found.get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("th", "td")

    def handle_data(self, text: str) -> None:
        self.texts.append(text)
        if self._cell:
            self._rows[-1][-1] += text


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled_world(tmp_path_factory.mktemp("reported"))


@pytest.fixture(scope="module")
def reader(world: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(world / "w.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def night(world: Path) -> str:
    return page(world)


@pytest.fixture(scope="module")
def month(world: Path) -> str:
    return page(world, first_of_month=date(2025, 1, 1))


def page(root: Path, **asked: Any) -> str:
    path = write_report(root, root / "w.duckdb", **asked, out=root / "out", rulebook=root / "rulebook.toml")
    return path.read_text(encoding="utf-8")


def body(found: str, table: str) -> list[list[str]]:
    """A table's rows without its headings."""
    return Tables(found).tables[table][1:]


def plain(cell: str) -> str:
    """A figure as the warehouse writes it."""
    return cell.replace(",", "")


def texts(reader: duckdb.DuckDBPyConnection, sql: str) -> list[list[str]]:
    return [[str(value) for value in row] for row in reader.sql(sql).fetchall()]


@pytest.mark.parametrize("which", ["night", "month"])
def test_a_page_loads_nothing_and_is_well_formed(which: str, request: pytest.FixtureRequest) -> None:
    text = request.getfixturevalue(which)
    found = Tables(text)
    assert found.loads == []
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"@import|url\(|javascript:|\son\w+=|src=", text)
    assert "default-src 'none'" in text
    assert len(found.ids) == len(set(found.ids))
    assert all(link.removeprefix("#") in found.ids for link in found.links)
    assert found.headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(found.headings, found.headings[1:], strict=False))
    assert set(found.scopes) == {"col", "row"}
    assert found.images
    assert all(found.images)
    assert '<html lang="en">' in text


@pytest.mark.parametrize("which", ["night", "month"])
def test_charts_have_the_colours_that_are_known_to_be_legible(which: str, request: pytest.FixtureRequest) -> None:
    drawn = "".join(re.findall(r"<svg.*?</svg>", request.getfixturevalue(which), re.DOTALL))
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawn))
    assert colours - {"none", "transparent"} == set(charts.PALETTE)
    assert set(re.findall(r'opacity="([^"]+)"', drawn)) <= {"0", "1"}, "0: a label that another one would touch"


def test_merchants_are_those_of_the_warehouse(month: str, reader: duckdb.DuckDBPyConnection) -> None:
    wanted = texts(
        reader,
        """
        select
            merchant_id, count(*), sum(if(kind = 'refund', -amount, amount)) as sales, sum(concession),
            (select coalesce(sum(amount), 0.00) from ledger as l where holder_kind = 'merchant' and asset = 'cash'
                and l.kind = 'sales_proceeds' and holder_id = merchant_id and l.business_date < '2025-02-01'),
            (select coalesce(-sum(amount), 0.00) from ledger as l where holder_kind = 'merchant' and asset = 'cash'
                and l.kind = 'payout' and holder_id = merchant_id and l.business_date < '2025-02-01'),
            (select coalesce(sum(amount), 0.00) from ledger as l where holder_kind = 'merchant' and asset = 'cash'
                and holder_id = merchant_id and l.business_date < '2025-02-01')
        from transactions where business_date < '2025-02-01' group by 1 order by sales desc, merchant_id
        """,
    )
    rows = [[plain(cell) for cell in row] for row in body(month, "merchants")]
    assert len(wanted) > 3
    assert rows[: len(wanted)] == wanted
    total = ["Total", *(str(sum(Decimal(row[column]) for row in wanted)) for column in range(1, 7))]
    assert rows[-1] == total


def test_events_and_pools_are_those_of_the_warehouse(night: str, reader: duckdb.DuckDBPyConnection) -> None:
    wanted = texts(
        reader,
        """
        select pool || ' ' || event_no, cutoff_date, value_date, value, holders, amount, shortfall
        from pool_events order by cutoff_date desc, pool limit 12
        """,
    )
    rows = [[plain(cell) for cell in row] for row in body(night, "events")]
    assert len(wanted) > 3
    assert [[row[0], row[1], row[2], *row[5:]] for row in rows] == wanted
    pools = {row[0].split()[0]: plain(row[1]) for row in body(night, "pools-standing")}
    values = "select pool, max_by(value, business_date) from pool_days group by 1"
    assert pools == dict(texts(reader, values))  # type: ignore[arg-type]


def test_solvency_is_that_of_the_warehouse(month: str, reader: duckdb.DuckDBPyConnection) -> None:
    days = reader.sql(
        """
        select business_date, fund_balance, voucher_liability, coverage, remaining_ceiling
        from solvency where business_date < '2025-02-01' order by 1 desc
        """
    ).fetchall()
    wanted = [[str(d), str(f), str(v), f"{c * 100:.2f} %", str(r)] for d, f, v, c, r in days]
    assert [[plain(cell) for cell in row] for row in body(month, "solvency-days")] == wanted
    for table, account in (
        ("moves-settlement-fund", "settlement_fund"),
        ("moves-voucher-liability", "voucher_liability"),
    ):
        kinds = [Decimal(plain(row[1])) for row in body(month, table)]
        ending = "select sum(credit - debit) from journal where account = ? and business_date < '2025-02-01'"
        assert kinds[-1] == sum(kinds[:-1]) == reader.execute(ending, [account]).fetchall()[0][0]
    cards = re.findall(r"<strong>([^<]+)</strong>", month)
    assert f"¥{days[0][1]:,}" in cards
    assert f"¥{days[0][2]:,}" in cards


def test_promoters_and_agents_are_those_of_the_warehouse(
    month: str, night: str, reader: duckdb.DuckDBPyConnection
) -> None:
    wanted = texts(
        reader,
        """
        select promoter_id, performance, commission, mentoring, fixed_subsidy + bonus_subsidy,
            commission + mentoring + fixed_subsidy + bonus_subsidy as pay
        from promoter_months where month = '2025-01-01' order by pay desc, performance desc, promoter_id
        """,
    )
    rows = [[plain(cell) for cell in row] for row in body(month, "promoters")]
    assert wanted
    assert [[row[0], *row[2:7]] for row in rows[:-1]] == wanted[:20]
    assert sum(int(row[2]) for row in body(month, "ladder")) == len(wanted)
    sums = "sum(amount), sum(partner_amount), sum(amount - partner_amount)"
    agents = f"select {sums} from agent_months where month = '2025-01-01'"
    assert [[plain(cell) for cell in body(month, "agents")[-1][3:]]] == texts(reader, agents)
    assert "promoters" not in Tables(night).tables


def test_quarantine_exceptions_and_controls_are_those_of_the_warehouse(
    month: str, night: str, reader: duckdb.DuckDBPyConnection
) -> None:
    wanted = texts(
        reader,
        """
        select reason, feed, count(*) as n, coalesce(sum(amount), 0.00) from quarantine
        where business_date < '2025-02-01' group by all order by n desc, feed, reason
        """,
    )
    rows = [[plain(cell) for cell in row] for row in body(month, "quarantine")]
    assert wanted
    assert [[row[0], *row[2:]] for row in rows[:-1]] == wanted
    owed = texts(
        reader, "select holder_id, holder_kind, balance from exceptions order by balance, 2, 1, asset limit 20"
    )
    found = Tables(night).tables.get("exceptions", [[]])[1:]
    assert [[row[0], row[1], plain(row[3])] for row in found] == owed
    counts = "count(*), count(*) filter (passed), count(*) filter (not passed)"
    checked = f"select {counts} from controls where business_date < '2025-02-01'"
    assert [[plain(cell) for cell in body(month, "controls")[-1][1:]]] == texts(reader, checked)


def test_exceptions_of_an_earlier_night_are_reckoned_from_the_ledger(world: Path, tmp_path: Path) -> None:
    """Of the last night they are published; an older warehouse of the same world says what an earlier one's were."""
    last = date(2025, 2, 24)
    before = settled_world(tmp_path, last)
    reported = page(world, day=last)
    assert Tables(reported).tables.get("exceptions") == Tables(page(before)).tables.get("exceptions")
    assert Tables(reported).tables["merchants"] == Tables(page(before)).tables["merchants"]


def test_a_page_names_its_run(night: str, reader: duckdb.DuckDBPyConnection) -> None:
    shown = reader.sql("select run_id, rulebook_fingerprint, record_hash from runs join publication using (run_id)")
    ((run_id, fingerprint, record),) = shown.fetchall()
    said = "".join(Tables(night).texts)
    assert all(value in said for value in (run_id, fingerprint, record))
    assert "not the one that this run settled by" not in said


def test_another_rulebook_is_told(world: Path) -> None:
    other = world / "other.html"
    text = write_report(world, world / "w.duckdb", out=other, rulebook=SHIPPED).read_text(encoding="utf-8")
    assert "not the one that this run settled by" in text
    text = write_report(world, world / "w.duckdb", out=other).read_text(encoding="utf-8")
    assert "not the one that this run settled by" not in text, "none was named: it is the day's own"


def test_a_failed_control_leads_the_page(world: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w.duckdb"
    copy.write_bytes((world / "w.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as writer:
        writer.execute("update controls set passed = false, actual = actual + 1 where name = 'merchant_payable'")
    text = write_report(tmp_path, copy, rulebook=world / "rulebook.toml").read_text(encoding="utf-8")
    assert "1 control failed: do not pay by these books." in text
    assert [row[0] for row in body(text, "failed-controls")] == ["merchant_payable"]


def test_names_from_outside_are_text(world: Path, tmp_path: Path) -> None:
    copy = tmp_path / "w.duckdb"
    copy.write_bytes((world / "w.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as writer:
        writer.execute("update quarantine set feed = '<script>alert(1)</script>'")
        writer.execute("update promoter_months set level = '<b>x</b>&'")
    text = write_report(tmp_path, copy, first_of_month=date(2025, 1, 1), rulebook=world / "rulebook.toml").read_text(
        encoding="utf-8"
    )
    assert Tables(text).loads == []
    assert "&lt;script&gt;alert(1)" in text
    assert any("<b>x</b>&" in row[1] for row in body(text, "promoters"))


def test_days_without_anything_make_a_page(tmp_path: Path) -> None:
    _, rulebook = write_tiny(tmp_path, {}, 3)
    backfill(tmp_path, rulebook, day(1), day(3))
    published(tmp_path)
    for asked in ({}, {"first_of_month": day(1)}):
        path = write_report(tmp_path, tmp_path / "warehouse.duckdb", **asked, rulebook=rulebook)  # type: ignore[arg-type]
        text = path.read_text(encoding="utf-8")
        assert "Nothing was bought." in text
        assert "Every row was booked." in text
        assert "No pool has paid yet." in text
        assert Tables(text).loads == []


def command(root: Path, *arguments: str) -> int:
    places = ("--root", str(root), "--warehouse", str(root / "w.duckdb"), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments])


def test_the_command_says_where_the_report_lies(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(world, "report", "--month", "2025-01", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["report"]) == world / "reports" / "settlement-2025-01.html"
    assert Path(told["report"]).stat().st_size == told["bytes"]
    assert command(world, "report", "--out", str(world / "x" / "y.html")) == 0
    assert capsys.readouterr().out == f"report: {world / 'x' / 'y.html'}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["report", "--month", "2025-13"], 2, "2025-13"),
        (["report", "--month", "January"], 2, "no month"),
        (["report", "--month", "2025-01", "--date", "2025-01-02"], 2, "exclude each other"),
        (["report", "--month", "2024-12"], 11, "no day of 2024-12 is settled"),
        (["report", "--date", "2031-01-01"], 11, "2031-01-01 is not settled"),
        (["export", "--month", "2025-1", "--to", "x"], 2, "no month"),
        (["export", "--month", "2031-01", "--to", "x"], 11, "no day of 2031-01 is settled"),
    ],
)
def test_what_cannot_be_reported_is_said(
    world: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert command(world, *arguments) == code
    told = capsys.readouterr().err
    assert words in told
    assert "to do:" in told


def test_without_a_warehouse_there_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(tmp_path, "report") == 11
    assert "no warehouse" in capsys.readouterr().err
    (tmp_path / "w.duckdb").write_bytes(b"no database at all")
    assert command(tmp_path, "report") == 1
    assert "settle publish" in capsys.readouterr().err


def test_the_forecast_is_that_of_the_command(world: Path, night: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(world, "forecast", "--months", "60", "--json") == 0
    paths = json.loads(capsys.readouterr().out)["paths"]
    rows = {row[0]: [plain(cell) for cell in row[1:]] for row in body(night, "forecast")}
    assert len(paths) == len(rows) == 4
    for path in paths:
        last = path["months"][-1]
        firsts = [path[name] or "–" for name in ("fund_below_zero", "dividend_budget_below_zero")]
        coverage = f"{Decimal(last['coverage']) * 100:.2f} %"
        assert rows[path["path"]] == [*firsts, last["fund"], last["voucher_liability"], coverage]
    months = [(path["path"], row) for path in paths for row in path["months"][5::6]]
    wanted = [[row["month"], name, row["concession"], row["dividends"], row["fund"]] for name, row in months]
    found = [[plain(cell) for cell in row] for row in body(night, "forecast-months")]
    assert [[*row[:4], row[7]] for row in found] == wanted
    below = [path["fund_below_zero"] for path in paths if path["fund_below_zero"]]
    said = f"is below zero first in {min(below)}" if below else "stays above zero through"
    assert said in night


def test_without_a_forecast_the_page_says_why(world: Path, month: str, tmp_path: Path) -> None:
    assert "see the report of 2025-02-27" in month
    text = write_report(tmp_path, world / "w.duckdb", rulebook=world / "rulebook.toml").read_text(encoding="utf-8")
    assert "There is no forecast: nothing is settled yet" in text
    assert "forecast" not in Tables(text).tables
