"""The warehouse as a publication (SPEC 13): built beside the old one from the lake's files, then put in its place.

A reader who has the old file open keeps it; a reader who opens the path sees the old or the new one, never half of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from marts.models import Macro, Mart, macros, marts, parse_macro
from schemas.errors import PublicationError
from schemas.steps import step
from schemas.tables import TABLES, Table
from schemas.units import TIME_ZONE

VIEW_FROM_ROWS: Final = 250_000
"""A detail table of more rows is a view over the lake's files, so that publishing does not copy all of history."""
READABLE_FROM: Final = "v1.2.0"
"""The oldest DuckDB that opens the file: the clients of finance are older than the library here."""
DETAIL: Final = ("transactions", "quarantine", "ledger", "positions", "position_changes", "balances")

UNITS: Final = tuple(
    parse_macro(text)
    for text in (
        "-- Hundredths, as the lake keeps them, in yuan, vouchers, points or coins.\n"
        "create macro yuan(fen) as cast(cast(fen as decimal(20, 0)) * 0.01 as decimal(18, 2))",
        "-- A rate from units of 10^-12, as the lake keeps them.\n"
        "create macro rate(pico) as cast(cast(pico as decimal(20, 0)) * 0.000000000001 as decimal(18, 12))",
    )
)
"""What the tables are made with. DuckDB would divide to DOUBLE, so they are multiplied."""


@dataclass(frozen=True)
class LakeFiles:
    """What a publication is made from: the committed files of each table with their row counts, and the run log."""

    paths: Mapping[str, Sequence[str]]
    rows: Mapping[str, int]
    runs: pl.DataFrame
    run_id: str


def publish(warehouse: Path, lake: LakeFiles) -> Path:
    """Build the warehouse of `lake` and put it in place of `warehouse`. Returns its path.

    Raises PublicationError if it cannot be built; then `warehouse` is as it was.
    """
    beside = warehouse.with_name(f"{warehouse.name}.{lake.run_id}")
    try:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        _remove(beside)
        step("build warehouse")
        _build(beside, lake)
        step("replace warehouse")
        beside.replace(warehouse)
        step("replaced warehouse")
    except (duckdb.Error, OSError) as fault:
        raise PublicationError(
            f"the warehouse cannot be built: {fault}",
            where=str(warehouse),
            todo="the lake holds the settled days, the warehouse is as it was: mend this, then `settle publish`",
        ) from fault
    finally:
        _remove(beside)
    return warehouse


def _remove(beside: Path) -> None:
    for path in (beside, beside.with_name(f"{beside.name}.wal")):
        path.unlink(missing_ok=True)


def published_run(warehouse: Path) -> str | None:
    """The run that the warehouse shows; None if there is no readable warehouse."""
    if not warehouse.exists():
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            row = connection.execute("select run_id from main.publication").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def _build(path: Path, lake: LakeFiles) -> None:
    with duckdb.connect(str(path), config={"storage_compatibility_version": READABLE_FROM}) as connection:
        connection.execute(f"set TimeZone = '{TIME_ZONE}'")
        # Hundreds of small statements, each of which would be written to disk by itself.
        connection.begin()
        connection.execute("create schema lake")
        for macro in UNITS:
            _make_macro(connection, macro)
        for table in TABLES.values():
            _lake_view(connection, table, lake.paths.get(table.name, ()))
        connection.register("run_log", lake.runs.to_arrow())
        connection.execute("create table lake.runs as select * from run_log")
        step("begin marts")
        made = [_make(connection, mart, lake) for mart in marts()]
        for macro in macros():
            _make_macro(connection, macro)
        connection.execute("create table main.publication as select ? as run_id", [lake.run_id])
        connection.execute("comment on table main.publication is 'The run that this file shows.'")
        connection.execute("comment on column main.publication.run_id is 'The run, as in runs.'")
        connection.commit()
        if "view" not in made:
            connection.execute("drop schema lake cascade")


def _lake_view(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> None:
    """The table's committed files under its own name, integers and all."""
    if not paths:
        connection.register("nothing", table.empty().to_arrow())
        connection.execute(f"create table lake.{table.name} as select * from nothing")
        return
    names = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    connection.execute(
        f"create view lake.{table.name} as select * from read_parquet([{names}], hive_partitioning = false)"
    )


def _make(connection: duckdb.DuckDBPyConnection, mart: Mart, lake: LakeFiles) -> str:
    kind = "view" if mart.name in DETAIL and lake.rows.get(mart.name, 0) > VIEW_FROM_ROWS else "table"
    # A table keeps the order it was made in; a view would sort anew for every reader.
    sql = mart.sql if kind == "table" else mart.sql.rpartition("\norder by")[0]
    connection.execute(f'create {kind} main."{mart.name}" as {sql}')
    connection.execute(f"comment on {kind} main.\"{mart.name}\" is '{_quoted(mart.comment)}'")
    for column, comment in mart.columns.items():
        connection.execute(f"comment on column main.\"{mart.name}\".{column} is '{_quoted(comment)}'")
    step(f"made mart {mart.name}")
    return kind


def _make_macro(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    kind = "macro table" if macro.is_table else "macro"
    connection.execute(macro.sql)
    connection.execute(f"comment on {kind} {macro.name} is '{_quoted(macro.comment)}'")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
