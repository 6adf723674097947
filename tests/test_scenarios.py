"""Every scenario, settled by the engine and by the oracle: both must show what finance reckoned by hand."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.runs.log import RunLog
from marts.building import LakeFiles
from marts.publish import publish
from schemas.errors import SettleError
from tests.compare import COLUMNS
from tests.engine import backfill, published
from tests.oracle import OracleRefusal, settle_world
from tests.scenario import is_refused, lay_out, name_of, read_settings, scenarios, settlings

SETTLED = [folder for folder in scenarios() if not is_refused(folder)]
REFUSED = [folder for folder in scenarios() if is_refused(folder)]
BAD_RULEBOOK = 10
"""The oracle reads rulebooks, but does not judge them."""


@dataclass(frozen=True)
class Expected:
    """One file of `then/`: the columns of a table, of the rows that `where` picks."""

    table: str
    where: str
    columns: list[str]
    rows: list[list[str | None]]


def expected_tables(folder: Path) -> list[Expected]:
    return [_expected(path) for path in sorted((folder / "then").glob("*.csv"))]


def _expected(path: Path) -> Expected:
    lines = path.read_text(encoding="utf-8").splitlines()
    where = "true"
    if lines[0].startswith("# where "):
        where = lines.pop(0).removeprefix("# where ")
    header, *rows = csv.reader(lines, strict=True)
    return Expected(path.stem, where, header, [[cell or None for cell in row] for row in rows])


def assert_shows(connection: duckdb.DuckDBPyConnection, expected: Expected) -> None:
    """The catalog in use holds the table; `temp.wanted` takes the expected cells in the table's own types."""
    columns = ", ".join(f'"{column}"' for column in expected.columns)
    connection.execute(f"create or replace temp table wanted as select {columns} from {expected.table} limit 0")
    _insert(connection, "temp.wanted", expected.columns, expected.rows)
    texts = ", ".join(f"""coalesce("{column}"::varchar, '')""" for column in expected.columns)
    line = f"concat_ws(',', {texts}) as line"
    found = f"select {line} from {expected.table} where {expected.where} order by line"
    wanted = f"select {line} from temp.wanted order by line"
    assert connection.sql(found).fetchall() == connection.sql(wanted).fetchall(), expected.table


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], rows: list[list[str | None]]
) -> None:
    marks = ", ".join("?" for _ in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    if rows:
        connection.executemany(f"insert into {table} ({names}) values ({marks})", rows)


def looking_at(warehouse: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Shanghai'")
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    return connection


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of nothing: it has the types of every table."""
    folder = tmp_path_factory.mktemp("nothing")
    lake = LakeFiles({}, {}, RunLog(folder).frame(), "none", buckets=1)
    return publish(folder / "warehouse.duckdb", lake)


@pytest.mark.parametrize("folder", SETTLED, ids=name_of)
def test_the_settlement_shows(folder: Path, tmp_path: Path) -> None:
    for run in settlings(folder):
        book = lay_out(folder, tmp_path, run)
        backfill(tmp_path, book, run.first, run.last, accept=run.accept)
    with looking_at(published(tmp_path)) as connection:
        connection.execute("use warehouse")
        for expected in expected_tables(folder):
            assert_shows(connection, expected)


@pytest.mark.parametrize("folder", SETTLED, ids=name_of)
def test_the_oracle_shows(folder: Path, tmp_path: Path, nothing: Path) -> None:
    """All runs as one: what a later run finds landed, and every day that was ever accepted."""
    runs = settlings(folder)
    book = lay_out(folder, tmp_path, runs[-1])
    accept = {day for run in runs for day in run.accept}
    tables = settle_world(tmp_path / "landing", book, runs[0].first, runs[-1].last, accept)
    with looking_at(nothing) as connection:
        for expected in expected_tables(folder):
            known = [column for column in expected.columns if column in COLUMNS.get(expected.table, ())]
            if known:
                _show_oracle(connection, expected.table, tables[expected.table])
                places = [expected.columns.index(column) for column in known]
                rows = [[row[place] for place in places] for row in expected.rows]
                assert_shows(connection, Expected(expected.table, expected.where, known, rows))


def _show_oracle(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    connection.execute(f"create table {table} as select * from warehouse.{table} limit 0")
    _insert(connection, table, list(COLUMNS[table]), [list(row) for row in rows])  # type: ignore[arg-type]


def _refusal(folder: Path) -> dict[str, Any]:
    return read_settings(folder / "then" / "refused.toml")


@pytest.mark.parametrize("folder", REFUSED, ids=name_of)
def test_the_settlement_refuses(folder: Path, tmp_path: Path) -> None:
    """With the exit code and the words that the operator needs, and nothing is booked."""
    (run,) = settlings(folder)
    book = lay_out(folder, tmp_path, run)
    with pytest.raises(SettleError) as refusal:
        backfill(tmp_path, book, run.first, run.last, accept=run.accept)
    assert refusal.value.exit_code == _refusal(folder)["exit_code"]
    assert [word for word in _refusal(folder)["words"] if word not in str(refusal.value)] == []
    assert RunLog(tmp_path / "lake").last() is None


@pytest.mark.parametrize(
    "folder", [folder for folder in REFUSED if _refusal(folder)["exit_code"] != BAD_RULEBOOK], ids=name_of
)
def test_the_oracle_refuses(folder: Path, tmp_path: Path) -> None:
    (run,) = settlings(folder)
    book = lay_out(folder, tmp_path, run)
    with pytest.raises(OracleRefusal) as refusal:
        settle_world(tmp_path / "landing", book, run.first, run.last, run.accept)
    assert refusal.value.exit_code == _refusal(folder)["exit_code"]
