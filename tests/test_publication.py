"""The warehouse is the same whether its long tables are copies or views over the lake's files."""

from pathlib import Path

import duckdb
import pytest

from marts.building import DETAIL
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.engine import backfill, published
from tests.worlds import make_world

WORLD = make_world(168)


def test_views_show_what_tables_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, rulebook = WORLD.write(tmp_path)
    backfill(tmp_path, rulebook, WORLD.first, WORLD.last, buckets=3)
    tables = read_tables(published(tmp_path), ALL_TABLES)
    monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    views = published(tmp_path)
    assert_same(tables, read_tables(views, ALL_TABLES), ALL_TABLES)
    with duckdb.connect(str(views), read_only=True) as reader:
        kinds = "select view_name from duckdb_views() where schema_name = 'main' and not internal and comment <> ''"
        assert {name for (name,) in reader.sql(kinds).fetchall()} == set(DETAIL)
        assert reader.sql("select count(*) > 0 from member_statement(1)").fetchall() == [(True,)]
