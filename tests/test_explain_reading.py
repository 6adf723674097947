"""What an explanation reads: each table once, the holder's bucket, the days that it is asked for; and the macro."""

import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from flows.explain.answer import answer
from lake.tables import listings, store
from marts import building
from schemas.tables import LEDGER, TRANSACTIONS
from tests.engine import backfill, published
from tests.explained import WORLD, books, ledger, settle, settled_world
from tests.tiny import day, purchase, write_tiny

pytestmark = pytest.mark.xdist_group("explain reading")  # its worlds are made by one worker


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled_world(tmp_path_factory.mktemp("settled"))


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


def test_of_files_without_a_row_that_pays_the_holder_one_column_is_read(
    settled: Path, opened: dict[str, list[Path]]
) -> None:
    every = books(settled, "member", 1).draft.scan(TRANSACTIONS).filter(pl.col("referrer_id").is_not_null()).collect()
    holder, paid, bucket = (
        every.sort("referrer_id", "business_date").select("referrer_id", "business_date", "bucket").row(0)
    )
    at = books(settled, "member", holder)
    files = [settled / "lake" / "transactions" / f.path for f in at.draft.files(TRANSACTIONS)]
    assert len(files) > 1
    opened["files"].clear()
    found = at.transactions("referrer_id", [paid])
    read = Counter(opened["files"])
    assert {path: read[path] for path in files} == {
        path: 1 + (path.parent.name == f"bucket={bucket}") for path in files
    }
    assert_frame_equal(found, every.filter(referrer_id=holder, business_date=paid), check_row_order=False)
    assert not found.is_empty()


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
