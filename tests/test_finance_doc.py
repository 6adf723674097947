"""docs/finance.md on the demo: every query and example runs, checks give nothing, printed answers are what they give.

And docs/dictionary.md is what the demo's warehouse says of itself.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from flows.operations.publish import publish_lake
from marts.dictionary import dictionary
from tests.finance_answers import answer, queries, questions, section

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "finance.md").read_text(encoding="utf-8")
QUERIES = [query for block in re.findall(r"```sql\n(.*?)```", PAGE, re.S) for query in queries(block)]
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.S)
QUESTIONS = list(questions(PAGE))
MUST_BE_EMPTY = ("having difference <> 0", "where not passed", "having total <> 0", "where amount <> (")
EMPTY_ON_THE_DEMO = (*MUST_BE_EMPTY, "where origin = 'restatement'", "from restatements")


def test_there_are_queries_and_twenty_questions() -> None:
    assert all(any(words in query for query in QUERIES) for words in MUST_BE_EMPTY)
    headings = re.findall(r"^### (\d+)\. .+\?$", section(PAGE), re.M)
    assert headings == [str(number) for number in range(1, 21)]
    assert len(QUESTIONS) == section(PAGE).count("```sql") >= 20


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_page_runs(query: str, demo_warehouse: Path) -> None:
    with duckdb.connect(str(demo_warehouse), read_only=True) as reader:
        rows = reader.sql(query).fetchall()
    assert (rows == []) == any(words in query for words in EMPTY_ON_THE_DEMO)


def test_printed_answers_are_what_the_demo_gives(demo_warehouse: Path) -> None:
    assert dict(QUESTIONS) == {block: answer(demo_warehouse, block) for block, _ in QUESTIONS}, (
        "`make answers` writes them anew"
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_python_example_runs(example: str, demo_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if ".df()" in example and find_spec("pandas") is None:
        pytest.skip("pandas is not among this project's packages")
    monkeypatch.chdir(demo_warehouse.parent)
    made: dict[str, object] = {}
    exec(compile(example, "docs/finance.md", "exec"), made)
    assert "frame" in made


def test_who_has_the_file_open_keeps_what_was_opened(demo_warehouse: Path, tmp_path: Path) -> None:
    mine, new = tmp_path / "warehouse.duckdb", tmp_path / "new.duckdb"
    mine.write_bytes(demo_warehouse.read_bytes())
    with duckdb.connect(str(new)) as other:
        other.sql("create table publication as select 'another' as run_id")
    run = "select run_id from publication"
    with duckdb.connect(str(mine), read_only=True) as early:
        before = early.sql(run).fetchall()
        new.replace(mine)
        assert early.sql(run).fetchall() == before != [("another",)]
        assert early.sql("select count(*) from ledger").fetchall() != [(0,)]
    with duckdb.connect(str(mine), read_only=True) as late:
        assert late.sql(run).fetchall() == [("another",)]


def test_a_statement_ends_at_the_balance(demo_warehouse: Path) -> None:
    with duckdb.connect(str(demo_warehouse), read_only=True) as reader:
        last = (
            "select asset, last(balance) from member_statement({0}) group by asset having last(balance) <> 0 order by 1"
        )
        held = "select asset, balance from balances where holder_kind = 'member' and holder_id = {0} order by 1"
        for member in range(1, 81):
            assert reader.sql(last.format(member)).fetchall() == reader.sql(held.format(member)).fetchall()


def test_the_dictionary_is_current(demo_warehouse: Path) -> None:
    written = (DOCS / "dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary(demo_warehouse), "`make dictionary` writes it anew"


def test_everything_in_the_warehouse_is_explained_and_stands_in_the_dictionary(demo_warehouse: Path) -> None:
    parts = (DOCS / "dictionary.md").read_text(encoding="utf-8").split("\n### ")
    entries = {part.partition("\n")[0]: part for part in parts[1:]}
    with duckdb.connect(str(demo_warehouse), read_only=True) as reader:
        tables = reader.sql("select table_name, comment from duckdb_tables() where schema_name = 'main'").fetchall()
        columns = reader.sql(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "where schema_name = 'main' and not internal"
        ).fetchall()
        macros = reader.sql("select function_name, comment from duckdb_functions() where not internal").fetchall()
    assert len(tables) >= 16
    assert len(macros) >= 9
    for name, comment in (*tables, *macros):
        assert comment
        assert comment in entries[name]
    for table, column, kind, comment in columns:
        assert comment
        assert f"| `{column}` | {kind} | {comment} |" in entries[table]
    assert "amount" in entries["explain_dividend"]
    assert set(entries) == {name for name, _ in (*tables, *macros)}


def test_the_dictionary_of_views_is_the_same(
    demo_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    views = publish_lake(demo_warehouse.parent, tmp_path / "views.duckdb")
    with duckdb.connect(str(views), read_only=True) as reader:
        assert reader.sql(
            "select count(*) from duckdb_views() where schema_name = 'main' and not internal"
        ).fetchall() == [(6,)]
    assert dictionary(views) == dictionary(demo_warehouse)
