"""The tables, views and macros of a warehouse, made from the lake's files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from marts.addresses import file_list, new_database, quoted
from marts.models import Macro, Mart, macros, marts, parse_macro
from schemas.steps import step
from schemas.tables import TABLES, Table
from schemas.units import BUCKET_MULTIPLIER, TIME_ZONE

VIEW_FROM_ROWS: Final = 250_000
"""A detail table of more rows is a view over the lake's files, so that publishing does not copy all of history."""
READABLE_FROM: Final = "v1.2.0"
"""The oldest DuckDB that opens the file: the clients of finance are older than the library here."""
_WRITTEN: Final[dict[str, str | bool | int | float | list[str]]] = {
    "storage_compatibility_version": READABLE_FROM,
    # One commit makes the file: it need not be logged before it is written.
    "wal_autocheckpoint": "1KB",
}
_KINDS: Final[dict[pl.DataType | type[pl.DataType], str]] = {pl.Int32: "integer", pl.String: "varchar", pl.Date: "date"}
"""What the folders of partitions are read as."""
DETAIL: Final = ("transactions", "quarantine", "ledger", "positions", "position_changes", "balances", "restatements")

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
    """What a publication is made from: the committed files of each table with their row counts, and the run log.

    `buckets`: how many the lake divides its holders into. `partitions`: values of partitions, by the other text that
    stands for them in the names of folders.
    """

    paths: Mapping[str, Sequence[str]]
    rows: Mapping[str, int]
    runs: pl.DataFrame
    run_id: str
    buckets: int
    partitions: Mapping[str, str] = field(default_factory=dict)
    is_demo: bool = False


def build(path: Path, lake: LakeFiles) -> None:
    """Build the warehouse of `lake` as the new file `path`. Raises duckdb.Error if it cannot be built."""
    with new_database(path) as made_at, duckdb.connect(made_at, config=_WRITTEN) as connection:
        connection.execute(f"set TimeZone = '{TIME_ZONE}'")
        # Hundreds of small statements, each of which would be written to disk by itself.
        connection.begin()
        connection.execute("create schema lake")
        for macro in (*UNITS, bucket_of(lake.buckets)):
            _make_macro(connection, macro)
        found = marts()
        later = _only_viewed(found, lake)
        for table in TABLES.values():
            paths = lake.paths.get(table.name, ())
            # Whatever names a view binds it again, and a list of years' files takes long: one file will do for that.
            _lake_view(connection, table, paths[:1] if table.name in later else paths, lake.partitions)
        connection.register("run_log", lake.runs.to_arrow())
        connection.execute("create table lake.runs as select * from run_log")
        step("begin marts")
        made = [_make(connection, mart, lake) for mart in found]
        for macro in macros():
            _make_macro(connection, macro)
        for name in later:
            _lake_view(connection, TABLES[name], lake.paths[name], lake.partitions)
        _make_publication(connection, lake)
        connection.commit()
        if "view" not in made:
            connection.execute("drop schema lake cascade")


def _make_publication(connection: duckdb.DuckDBPyConnection, lake: LakeFiles) -> None:
    values = [lake.run_id, lake.is_demo]
    connection.execute("create table main.publication as select ? as run_id, ? as is_demo", values)
    for what, comment in (
        ("table main.publication", "The run that this file shows."),
        ("column main.publication.run_id", "The run, as in runs."),
        ("column main.publication.is_demo", "Whether settle demo made it: any demo may replace it."),
    ):
        connection.execute(f"comment on {what} is {quoted(comment)}")


def _lake_view(
    connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str], partitions: Mapping[str, str]
) -> None:
    """The table's committed files under its own name, integers and all."""
    if not paths:
        connection.register("nothing", table.empty().to_arrow())
        connection.execute(f"create table lake.{table.name} as select * from nothing")
        return
    # Each with its table, since macros have parameters of the same names, which a view would take them for.
    columns = ", ".join(_column(table, column, partitions) for column in table.schema)
    files = f"read_parquet({file_list(paths)}, {_folders(table, paths[0])}) as f"
    connection.execute(f"create or replace view lake.{table.name} as select {columns} from {files}")


def _column(table: Table, name: str, partitions: Mapping[str, str]) -> str:
    if name not in table.partition or table.schema[name] != pl.String or not partitions:
        return f"f.{name}"
    # Of constants by constants, so that a condition on it still spares the opening of files.
    cases = " ".join(f"when {quoted(text)} then {quoted(value)}" for text, value in sorted(partitions.items()))
    return f"case f.{name} {cases} else f.{name} end as {name}"


def _folders(table: Table, path: str) -> str:
    """How the files' folders are to be read: a condition on what they say spares the opening of all other files.

    `path`: of one of the files. Above the lake a folder may be named like a partition, which DuckDB would take for it.
    """
    above = path.split("/")[: -1 - len(table.partition)]
    if not table.partition or any(folder.partition("=")[0].lower() in table.schema for folder in above):
        return "hive_partitioning = false"
    kinds = ", ".join(f"'{name}': {_KINDS[table.schema[name]]}" for name in table.partition)
    return f"hive_partitioning = true, hive_types_autocast = false, hive_types = {{{kinds}}}"


def bucket_of(buckets: int) -> Macro:
    """As `transforms.exact.buckets` hashes ids, in integers that are wide enough not to wrap by themselves."""
    return parse_macro(
        "-- The bucket of a holder's id: of the lake's files, those in the folders of this number have the holder.\n"
        "create macro bucket_of(id) as "
        f"cast(cast(id as uhugeint) * {BUCKET_MULTIPLIER} % {2**64} // {2**32} % {buckets} as integer)"
    )


def _make(connection: duckdb.DuckDBPyConnection, mart: Mart, lake: LakeFiles) -> str:
    kind = "view" if _is_view(mart.name, lake) else "table"
    # A table keeps the order it was made in; a view would sort anew for every reader.
    sql = mart.sql if kind == "table" else mart.sql.rpartition("\norder by")[0]
    connection.execute(f'create {kind} main."{mart.name}" as {sql}')
    connection.execute(f'comment on {kind} main."{mart.name}" is {quoted(mart.comment)}')
    for column, comment in mart.columns.items():
        connection.execute(f'comment on column main."{mart.name}".{column} is {quoted(comment)}')
    step(f"made mart {mart.name}")
    return kind


def _is_view(name: str, lake: LakeFiles) -> bool:
    return name in DETAIL and lake.rows.get(name, 0) > VIEW_FROM_ROWS


def _only_viewed(found: Sequence[Mart], lake: LakeFiles) -> list[str]:
    """Tables of the lake that are views in the warehouse, and that no table there is made from."""
    made = "\n".join(mart.sql for mart in found if not _is_view(mart.name, lake))
    return [name for name in DETAIL if _is_view(name, lake) and not re.search(rf"\blake\.{name}\b", made)]


def _make_macro(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    kind = "macro table" if macro.is_table else "macro"
    connection.execute(macro.sql)
    connection.execute(f"comment on {kind} {macro.name} is {quoted(macro.comment)}")
