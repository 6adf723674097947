"""Every query of docs/finance.md runs on a settled world, and the checks among them give nothing."""

import re
from pathlib import Path

import duckdb
import pytest

from flows.simulation import WorldSpec, simulate
from tests.engine import backfill, published

DOC = Path(__file__).parent.parent / "docs" / "finance.md"
QUERIES = [
    query.strip()
    for block in re.findall(r"```sql\n(.*?)```", DOC.read_text(encoding="utf-8"), re.S)
    for query in block.split(";")
    if query.strip()
]
MUST_BE_EMPTY = ("having difference <> 0", "where not passed", "having total <> 0", "where amount <> (")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finance")
    spec = WorldSpec(members=80, merchants=6, days=70, transactions_per_day=40, seed=5)
    simulate(spec, root)
    last = max(path.name.removeprefix("day=") for path in (root / "landing" / "transactions").iterdir())
    backfill(root, root / "rulebook.toml", spec.first_day, spec.first_day.fromisoformat(last))
    return published(root)


def test_there_are_queries() -> None:
    assert len(QUERIES) > 10
    assert all(any(words in query for query in QUERIES) for words in MUST_BE_EMPTY)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_page_runs(query: str, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        rows = reader.sql(query).fetchall()
    if any(words in query for words in MUST_BE_EMPTY):
        assert rows == []
    elif "exceptions" not in query:
        assert rows


def test_a_statement_ends_at_the_balance(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        last = (
            "select asset, last(balance) from member_statement({0}) group by asset having last(balance) <> 0 order by 1"
        )
        held = "select asset, balance from balances where holder_kind = 'member' and holder_id = {0} order by 1"
        for member in range(1, 81):
            assert reader.sql(last.format(member)).fetchall() == reader.sql(held.format(member)).fetchall()
