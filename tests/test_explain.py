"""`settle explain`: the parts of every amount add up to its ledger row, and they are told (SPEC 12)."""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable

from flows.cli import run
from flows.explanation.answer import Answer, answer, as_json
from flows.explanation.books import Books
from flows.explanation.explain import FAMILIES
from flows.explanation.telling import told
from lake import listings, store
from lake.runlog import RunLog
from marts import building
from schemas.tables import LEDGER
from tests.engine import backfill, close, night, published
from tests.test_real_orders import FIRST, LAST, ORDERS, RULEBOOK, laid_out
from tests.test_restatement import changed_feed
from tests.tiny import day, purchase, refund, write_tiny
from tests.worlds import make_world

WORLD = make_world(252, mess=5)
"""Refunds, retired cohorts, promoters, agents, partners: every kind of the ledger occurs in it."""
RESTATED_TWICE = make_world(8, mess=5)
KEY = ("business_date", "value_date", "asset", "kind", "pool", "origin")


def ledger(root: Path) -> pl.DataFrame:
    found = books(root, "member", 1).draft.scan(LEDGER).collect()
    assert not found.is_empty()
    return found


def books(root: Path, kind: str, holder: int) -> Books:
    runs = RunLog(root / "lake").runs()
    return Books(root, runs, kind, holder, root / "rulebook.toml")


def holders(rows: pl.DataFrame) -> Iterator[tuple[str, int]]:
    return rows.select("holder_kind", "holder_id").unique().sort("holder_kind", "holder_id").iter_rows()  # type: ignore[return-value]


def explained(root: Path) -> list[Answer]:
    """Every amount of every holder; each is in the ledger, and nothing of the ledger is left out."""
    rows = ledger(root)
    answers = [answer(books(root, *holder), None) for holder in holders(rows)]
    found = {(o.amount.holder_kind, o.amount.holder_id, *key(o)): o.amount.amount_fen for o in every(answers)}
    booked = {tuple(row[:-1]): row[-1] for row in rows.select("holder_kind", "holder_id", *KEY, "amount_fen").rows()}
    assert {name: fen for name, fen in found.items() if fen} == booked
    return answers


def every(answers: list[Answer]) -> Iterator[Any]:
    return (one for given in answers for one in given.explanations)


def key(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one.amount, name) for name in KEY)


def assert_told(given: Answer) -> None:
    """Text and JSON say it of each amount, and the JSON's own figures add up."""
    text = "\n".join(told(given))
    assert text.count("\n  adds up: ") == len(given.explanations)
    assert "DOES NOT" not in text
    for amount in json.loads(json.dumps(as_json(given), default=str))["amounts"]:
        parts = sum((Decimal(part["amount"]) for part in amount["parts"]), Decimal(0))
        assert parts == Decimal(amount["due"]) == Decimal(amount["sum"]), amount
        assert amount["adds_up"]
        assert amount["booked_by"] is not None or Decimal(amount["amount"]) == 0


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("settled")
    _, rulebook = WORLD.write(root)
    backfill(root, rulebook, WORLD.first, WORLD.last - timedelta(days=2), buckets=3)
    published(root)
    return root


@pytest.fixture(scope="module")
def restated(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the days closed, a closed feed changed; then all closed, and another one changed."""
    root = tmp_path_factory.mktemp("restated") / "root"
    shutil.copytree(settled, root)
    rulebook, last = root / "rulebook.toml", WORLD.last - timedelta(days=2)
    close(root, WORLD.first + (last - WORLD.first) / 2)
    changed_feed(root, WORLD.first + timedelta(days=1))
    assert backfill(root, rulebook, WORLD.first, WORLD.first, restate=True)
    night(root, rulebook, WORLD.last)
    close(root, last)
    changed_feed(root, WORLD.first + timedelta(days=2))
    assert backfill(root, rulebook, WORLD.first, WORLD.first, restate=True)
    return root


def test_every_amount_of_every_kind_adds_up(settled: Path) -> None:
    answers = explained(settled)
    for given in answers:
        assert_told(given)
    found = [one.amount for one in every(answers)]
    assert {amount.kind for amount in found} == set(FAMILIES)
    retired = {amount.value_date > amount.business_date for amount in found if amount.kind == "points_retired"}
    assert retired == {True, False}, "by an event, and put back by a refund"
    assert not any(given.notes for given in answers)


def test_what_was_restated_adds_up_to_what_was_due(restated: Path) -> None:
    answers = explained(restated)
    for given in answers:
        assert_told(given)
    found = list(every(answers))
    booked = [one.amount for one in found if one.amount.origin == "restatement"]
    assert {amount.business_date for amount in booked} == {WORLD.last - timedelta(days=2), WORLD.last}
    changed = [one.amount for one in found if one.amount.due_fen != one.amount.amount_fen]
    assert {amount.amount_fen == 0 for amount in changed} == {True, False}, "posted wrongly, and not posted at all"
    for given in answers:
        for row in as_json(given)["amounts"]:
            assert bool(row["restatements"]) <= (row["due"] != row["amount"])


def test_a_date_gives_what_was_booked_on_it_and_what_counts_from_it(settled: Path) -> None:
    rows = ledger(settled)
    event = rows.filter(kind="dividend").row(0, named=True)
    holder = (event["holder_kind"], event["holder_id"])
    for at in (event["business_date"], event["value_date"]):
        given = answer(books(settled, *holder), at)
        wanted = rows.filter(holder_kind=holder[0], holder_id=holder[1]).filter(
            (pl.col("business_date") == at) | (pl.col("value_date") == at)
        )
        assert [key(one) for one in given.explanations] == sorted(wanted.select(KEY).rows())
        assert "dividend" in {one.amount.kind for one in given.explanations}


def settle(root: Path, *arguments: str) -> int:
    places = ("--root", str(root), "--warehouse", str(root / "w.duckdb"), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments])


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SPEC 6's member: 200.00 points at 0.5 %, then 1.075 %; half of them refunded afterwards."""
    root = tmp_path_factory.mktemp("example")
    days = {
        1: [purchase("a1", 1, "1999.96"), purchase("a2", 1, "0.04")],
        2: [purchase("b1", 2, "300.00", 2)],
        3: [refund("r1", 3, "1000.00", "a1", 1)],
    }
    write_tiny(root, days, 3, bindings=["1,2,2018-02-01T00:00:00+08:00"])
    backfill(root, root / "rulebook.toml", day(1), day(3))
    return root


def test_the_worked_example_can_be_read_aloud(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(example, "explain", "member", "1", "--date", str(day(3))) == 0
    text = capsys.readouterr().out
    assert f"{day(2)}, counts from {day(3)}: +1.15 vouchers 抵用券: dividend 分红 of pool consumer" in text
    assert "payout 2 of at most 40 on 200.00 points; all payouts so far 1.075 % = 2.15, before 0.5 % = 1.00" in text
    assert "adds up: 1.15 = 1.15" in text
    assert "100.00 of 200.00 points are left" in text
    assert (
        "all payouts so far, 1.075 %, are 1.075, cut to 1.07, on what is left; on 200.00 they were 2.15: -1.08" in text
    )
    assert "refund r1 of 2019-03-03 12:00:00 at merchant 1: 1,000.00 of purchase a1 of 2019-03-01 over 1,999.96" in text


def test_points_are_explained_with_the_exact_product_and_its_rounding(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(example, "explain", "member", "1", "--date", str(day(1))) == 0
    text = capsys.readouterr().out
    assert "1,999.96 x 10 % = 199.996, rounded to 200.00 points: +200.00" in text
    assert "0.04 x 10 % = 0.004, rounded to 0.00" not in text, "what earns nothing is no part"
    assert "5 coins for each yuan of that = 1,000.00: +1,000.00" in text


def test_json_has_the_cohort_and_the_rule(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = example / "rulebook.toml"
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace("[rules.dividend]", '[rules.dividend]\nsource = "the board, 2018"'), encoding="utf-8")
    assert settle(example, "--json", "explain", "member", "1", "--date", str(day(2))) == 0
    book.write_text(text, encoding="utf-8")
    amounts = {(a["kind"], a["value_date"]): a for a in json.loads(capsys.readouterr().out)["amounts"]}
    dividend = amounts["dividend", str(day(3))]
    [part] = dividend["parts"]
    assert (part["points"], part["rate_before"], part["rate_after"]) == ("200.00", "0.005", "0.01075")
    assert (part["entitled_before"], part["entitled_after"], part["amount"]) == ("1.00", "2.15", "1.15")
    assert [rule["source"] for rule in dividend["rules"] if rule["table"] == "dividend"] == ["the board, 2018"]
    assert (dividend["trigger"], dividend["baseline"], dividend["value"]) == ("growth", "200.00", "230.00")
    assert dividend["booked_by"]["kind"] == "backfill"


def test_other_rules_do_not_explain_it_and_that_is_13(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = example / "other.toml"
    text = (example / "rulebook.toml").read_text(encoding="utf-8")
    other.write_text(text.replace('[rules.binding]\nrate = "0.05"', '[rules.binding]\nrate = "0.06"'), encoding="utf-8")
    places = ("--root", str(example), "--rulebook", str(other))
    assert run([*places, "explain", "merchant", "2", "--date", str(day(1))]) == 13
    said = capsys.readouterr()
    assert "DOES NOT ADD UP: the parts are 12.00, the ledger has 10.00" in said.out
    assert "another edition of the rulebook" in said.out
    assert "binding_reward" in said.err
    assert run([*places, "--json", "explain", "merchant", "2"]) == 13
    assert not json.loads(capsys.readouterr().out)["adds_up"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("shop", "1"), 2, "HOLDER_KIND"),
        (("member", "0"), 2, "from 1 on"),
        (("member", "one"), 2, "int"),
        (("member", "1", "--date", "soon"), 2, "--date"),
        (("member", "77"), 11, "nobody knows member 77"),
        (("partner", "1"), 11, "nobody knows partner 1"),
    ],
)
def test_bad_questions(
    example: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert settle(example, "explain", *arguments) == code
    assert words in capsys.readouterr().err


def test_no_amounts_are_no_fault(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(example, "explain", "member", "3") == 0
    assert capsys.readouterr().out.strip() == "member 3: no amounts"
    assert settle(example, "explain", "member", "1", "--date", "2030-01-01") == 0
    assert capsys.readouterr().out.strip() == f"member 1: no amounts on 2030-01-01; settled up to {day(3)}"


def test_nothing_settled_is_11(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(tmp_path, "explain", "member", "1") == 11
    assert "nothing is settled yet" in capsys.readouterr().err


def test_it_starts_neither_prefect_nor_duckdb_nor_pandera(example: Path) -> None:
    code = (
        "import sys; from flows.cli import run; code = run(sys.argv[1:]);"
        "heavy = {'prefect', 'duckdb', 'pandera', 'pandas', 'numpy', 'pyarrow', 'altair', 'flows.settlement'};"
        "sys.exit(code or heavy & set(sys.modules) or 0)"
    )
    line = ["--root", str(example), "--rulebook", str(example / "rulebook.toml"), "explain", "member", "1"]
    done = subprocess.run([sys.executable, "-c", code, *line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "member 1: " in done.stdout


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Path]]:
    """What is opened from here on: Delta tables, and data files that are scanned."""
    found: dict[str, list[Path]] = {"tables": [], "files": []}
    scan_parquet = pl.scan_parquet

    def table(folder: Path, **options: Any) -> DeltaTable:
        found["tables"].append(Path(folder))
        return DeltaTable(folder, **options)

    def scanned(paths: list[str], **options: Any) -> pl.LazyFrame:
        found["files"] += map(Path, paths)
        return scan_parquet(paths, **options)

    monkeypatch.setattr(store, "LISTED", listings.Listings())
    monkeypatch.setattr(listings, "DeltaTable", table)
    monkeypatch.setattr(pl, "scan_parquet", scanned)
    return found


def busiest(root: Path, kind: str) -> int:
    """The holder with the most kinds of amounts."""
    kinds = ledger(root).filter(holder_kind=kind).group_by("holder_id").agg(pl.col("kind").n_unique(), rows=pl.len())
    return int(kinds.sort("kind", "rows", "holder_id")["holder_id"][-1])


@pytest.mark.parametrize("kind", ["member", "merchant", "promoter", "agent", "partner"])
def test_it_opens_each_table_once_and_reads_the_ledger_once_and_only_the_holders_bucket(
    settled: Path, opened: dict[str, list[Path]], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = busiest(settled, kind)
    monkeypatch.setattr(store, "LISTED", listings.Listings())
    for paths in opened.values():
        paths.clear()
    at = books(settled, kind, holder)
    assert answer(at, None).explanations
    assert 2 < len(opened["tables"]) == len(set(opened["tables"]))
    files = [path.relative_to(settled / "lake") for path in opened["files"]]
    own = f"bucket={at.bucket}"
    read = [path for path in files if path.parts[0] == "ledger"]
    every = [f.path for f in at.draft.files(LEDGER)]
    assert sorted(path.as_posix() for path in read) == sorted(f"ledger/{path}" for path in every if own in path)
    assert len(read) < len(every)
    held = [path for path in files if path.parts[0] in {"positions", "position_changes"}]
    assert bool(held) == (kind in {"member", "merchant"})
    assert all(own in path.parts for path in held)


def test_a_date_reads_its_own_day_and_the_one_before(settled: Path, opened: dict[str, list[Path]]) -> None:
    holder = busiest(settled, "member")
    at = ledger(settled).filter(holder_kind="member", holder_id=holder)["business_date"].min()
    assert isinstance(at, date)
    opened["files"].clear()
    assert answer(books(settled, "member", holder), at).explanations
    asked = {str(day) for day in (at - timedelta(days=1), at)}
    read = {path for path in opened["files"] if path.is_relative_to(settled / "lake" / "ledger")}
    files = {settled / "lake" / "ledger" / f.path: f for f in books(settled, "member", holder).draft.files(LEDGER)}
    assert read < set(files)
    assert all(asked & set(files[path].days) for path in read)
    assert read


def test_a_day_without_amounts_reads_no_ledger_beyond_it(settled: Path, opened: dict[str, list[Path]]) -> None:
    given = settled / "lake" / "ledger"
    holder = busiest(settled, "member")
    opened["files"].clear()
    assert settle(settled, "explain", "member", str(holder), "--date", str(WORLD.last + timedelta(days=9))) == 0
    assert not any(path.is_relative_to(given) for path in opened["files"])


@pytest.mark.parametrize("rows", [building.VIEW_FROM_ROWS, 0], ids=["tables", "views"])
def test_the_macro_adds_up_to_every_dividend_of_the_ledger(
    settled: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(building, "VIEW_FROM_ROWS", rows)
    of_all = """
        with d as (
            select holder_kind, holder_id, value_date, sum(amount) as amount
            from ledger
            where kind = 'dividend'
            group by all
        )
        select
            d.*,
            (select sum(amount) from explain_dividend(d.holder_kind, d.holder_id, d.value_date)) as parts
        from d
        order by all
    """
    with duckdb.connect(str(published(settled)), read_only=True) as reader:
        booked = reader.sql(of_all).fetchall()
        assert len(booked) > 20
        assert [row for row in booked if row[3] != row[4]] == []
        for *holder, amount, _ in booked[::10]:
            found = reader.execute("select sum(amount) from explain_dividend(?, ?, ?)", holder).fetchall()
            assert found == [(amount,)], holder
        captured = (
            "select sum(p.amount) from ledger as l, explain_dividend(l.holder_kind, l.holder_id, l.value_date) as p"
        )
        one = f"{captured} where l.kind = 'dividend' and l.pool = p.pool"
        assert reader.sql(one).fetchall() == [(sum(row[3] for row in booked),)]
        other = reader.sql("select count(*) from explain_dividend('member', 999, date '2019-01-01')").fetchall()
        assert other == [(0,)]
        types = reader.sql("describe from explain_dividend('member', 1, '2019-01-01')").fetchall()
    assert not {row[1] for row in types} & {"DOUBLE", "FLOAT"}


def test_macros_do_without_what_older_readers_lack() -> None:
    """DuckDB 1.2 opens the file, but its trunc takes no number of places: a macro fails only when it is called."""
    for macro in sorted((files("marts") / "macros").iterdir(), key=lambda path: path.name):
        assert not re.search(r"\btrunc\([^()]*,", macro.read_text(encoding="utf-8")), macro.name


def test_the_macro_holds_large_points(tmp_path: Path) -> None:
    write_tiny(tmp_path, {1: [purchase("a1", 1, "99999999999.00", rate="0.2")]}, 1)
    backfill(tmp_path, tmp_path / "rulebook.toml", day(1), day(1))
    with duckdb.connect(str(published(tmp_path)), read_only=True) as reader:
        found = reader.sql(f"select points, amount from explain_dividend('member', 1, '{day(2)}')").fetchall()
    assert found == [(Decimal("19999999999.80"), Decimal("99999999.99"))]


@pytest.mark.skipif(not ORDERS.is_dir(), reason="the real orders are not here")
def test_real_amounts_add_up(tmp_path: Path) -> None:
    root = laid_out(tmp_path)
    shutil.copy(RULEBOOK, root / "rulebook.toml")
    backfill(root, RULEBOOK, FIRST, LAST)
    chance = random.Random(5)
    for _, rows in ledger(root).group_by("kind", "holder_kind", maintain_order=True):
        for number in chance.sample(range(rows.height), min(5, rows.height)):
            row = rows.row(number, named=True)
            given = answer(books(root, row["holder_kind"], row["holder_id"]), row["value_date"])
            assert_told(given)
            [one] = [one for one in given.explanations if key(one) == tuple(row[name] for name in KEY)]
            assert one.sum_fen == row["amount_fen"]


def test_a_restated_dividend_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A first day with twice the points: event 1 should have paid 2.00, and event 2 would not have come yet."""
    days = {1: [purchase("a1", 1, "2000.00")], 2: [purchase("b1", 2, "300.00", 2)]}
    write_tiny(tmp_path, days, 3)
    backfill(tmp_path, tmp_path / "rulebook.toml", day(1), day(3))
    close(tmp_path, day(2))
    feed = tmp_path / "landing" / "transactions" / f"day={day(1)}" / "a.csv"
    feed.write_text(feed.read_text(encoding="utf-8").replace("2000.00", "4000.00"), encoding="utf-8")
    assert backfill(tmp_path, tmp_path / "rulebook.toml", day(1), day(1), restate=True)
    assert settle(tmp_path, "explain", "member", "1", "--date", str(day(2))) == 0
    text = capsys.readouterr().out
    assert "payout 1 of at most 40 on 400.00 points; all payouts so far 0.5 % = 2.00, before 0 % = 0.00: +2.00" in text
    assert ": 2.00 should have been posted, 1.00 was." in text
    assert "nothing: history as it is now has no such amount" in text
    assert f"The difference, +1.00, is part of what was restated of this kind: -0.15 on {day(3)}." in text
    assert "adds up: 2.00 = 2.00 due, 1.00 posted" in text
    assert "adds up: 0.00 = 0.00 due, 1.15 posted" in text
    assert settle(tmp_path, "explain", "member", "1", "--date", str(day(3))) == 0
    text = capsys.readouterr().out
    assert f"{day(3)}: -0.15 vouchers 抵用券: dividend 分红 of pool consumer, restatement 重述" in text
    assert f"{day(1)} (counts from {day(2)}): should have been 2.00, posted was 1.00: +1.00" in text
    assert f"{day(2)} (counts from {day(3)}): should have been 0.00, posted was 1.15: -1.15" in text
    assert "adds up: 1.00 - 1.15 = -0.15" in text
