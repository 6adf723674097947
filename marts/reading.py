"""The warehouse opened for reading: nobody who reads it can change it, and a night never waits for a reader."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from marts.addresses import database
from schemas.errors import InputMissingError, StorageError
from schemas.units import TIME_ZONE

Connection = duckdb.DuckDBPyConnection
Row = dict[str, Any]


@contextmanager
def open_warehouse(path: Path) -> Iterator[Connection]:
    """The warehouse, read-only, in business time.

    Raises InputMissingError (11) if there is none, StorageError (1) if it cannot be read.
    """
    if not path.exists():
        raise InputMissingError(
            "there is no warehouse to read",
            where=str(path),
            todo="settle a night first, or `settle publish` to rebuild it from the lake",
        )
    try:
        with duckdb.connect(database(path), read_only=True) as connection:
            connection.execute(f"set TimeZone = '{TIME_ZONE}'")
            yield connection
    except duckdb.Error as fault:
        raise StorageError(
            f"the warehouse cannot be read: {fault}",
            where=str(path),
            todo="`settle publish` rebuilds it from the lake",
        ) from fault


def rows(connection: Connection, sql: str, values: Mapping[str, object] | Sequence[object] = ()) -> list[Row]:
    """All rows of a query that gives few, by column name."""
    connection.execute(sql, values)
    names = [column[0] for column in connection.description or ()]
    return [dict(zip(names, found, strict=True)) for found in connection.fetchall()]


def row(connection: Connection, sql: str, values: Mapping[str, object] | Sequence[object] = ()) -> Row:
    """The one row of a query that gives one."""
    (found,) = rows(connection, sql, values)
    return found
