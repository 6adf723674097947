"""The warehouse is the same whether its long tables are copies or views over the lake's files."""

from pathlib import Path

import duckdb
import pytest

from marts.building import DETAIL
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.engine import backfill, close, published
from tests.test_restatement import changed_feed
from tests.worlds import make_world

WORLD = make_world(168)
HOLDERS = dict.fromkeys(("ledger", "balances", "positions", "position_changes"), "holder_id") | {
    "transactions": "member_id"
}


@pytest.mark.parametrize("folder", ["root", "bucket=7"])
def test_views_show_what_tables_show(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a folder that is named like a partition, too."""
    root = tmp_path / folder
    _, rulebook = WORLD.write(root)
    backfill(root, rulebook, WORLD.first, WORLD.last, buckets=3)
    close(root, WORLD.first)
    changed_feed(root, WORLD.first)
    backfill(root, rulebook, WORLD.first, WORLD.first, restate=True)
    tables = read_tables(published(root), ALL_TABLES)
    monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    views = published(root)
    assert_same(tables, read_tables(views, ALL_TABLES), ALL_TABLES)
    with duckdb.connect(str(views), read_only=True) as reader:
        kinds = "select view_name from duckdb_views() where schema_name = 'main' and not internal and comment <> ''"
        assert {name for (name,) in reader.sql(kinds).fetchall()} == set(DETAIL)
        assert reader.sql("select count(*) > 0 from member_statement(1)").fetchall() == [(True,)]
        assert reader.sql("select count(distinct bucket) > 1 from ledger").fetchall() == [(True,)]
        for table, holder in HOLDERS.items():
            elsewhere = f"select count(*) from {table} where bucket <> bucket_of({holder})"
            assert reader.sql(elsewhere).fetchall() == [(0,)], table


def test_a_statement_and_an_explanation_open_only_their_holders_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the files of all other buckets emptied, a holder of the first is told the same."""
    root = tmp_path / "env=prod"
    _, rulebook = WORLD.write(root)
    backfill(root, rulebook, WORLD.first, WORLD.last, buckets=3)
    monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    with duckdb.connect(str(published(root)), read_only=True) as reader:
        holder, day = reader.sql(
            "select holder_id, value_date from ledger where bucket = 0 and kind = 'dividend' and holder_kind = 'member'"
            " and origin = 'settlement' order by all limit 1"
        ).fetchall()[0]
        questions = [
            f"from member_statement({holder})",
            f"from explain_dividend('member', {holder}, '{day}')",
            f"from positions where bucket = bucket_of({holder}) and holder_id = {holder} order by all",
            f"from balances where bucket = bucket_of({holder}) and holder_id = {holder} order by all",
        ]
        told = [reader.sql(question).fetchall() for question in questions]
        for table in ("ledger", "positions", "position_changes", "balances"):
            others = [path for path in (root / "lake" / table).rglob("*.parquet") if "bucket=0" not in path.parts]
            assert others
            for path in others:
                path.write_bytes(b"")
        assert [reader.sql(question).fetchall() for question in questions] == told
        assert all(told)
