"""Whose a warehouse is: a file shows the runs of one lake, and only that lake's root publishes over it (SPEC 12)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from marts.addresses import database


@dataclass(frozen=True)
class Shown:
    """What a warehouse shows. `first`: the record hash of its lake's first run, which no other lake has; `run_id` and
    `record_hash`: of the run that was published; `is_demo`: made by `settle demo`."""

    first: str
    run_id: str
    record_hash: str
    is_demo: bool


class UnreadableError(Exception):
    """The file is no database, a damaged one, or somebody holds it."""


def shown(warehouse: Path) -> Shown | None:
    """What the file shows; None if it is a database, but no warehouse of ours.

    Raises UnreadableError, with what hinders it in one line.
    """
    try:
        return _shown(warehouse)
    except duckdb.Error as fault:
        raise UnreadableError(str(fault).splitlines()[0]) from fault


def _shown(warehouse: Path) -> Shown | None:
    with duckdb.connect(database(warehouse), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        if not {"publication", "runs"} <= tables:
            return None
        made = dict(zip(*_row(connection, "select * from main.publication"), strict=True))
        runs = dict(connection.execute("select run_id, record_hash from main.runs").fetchall())
    if not runs or made.get("run_id") not in runs:
        return None
    first = min(runs, key=lambda run_id: int(run_id.partition("-")[0]))
    return Shown(runs[first], made["run_id"], runs[made["run_id"]], bool(made.get("is_demo", False)))


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], tuple[Any, ...]]:
    connection.execute(sql)
    names = [column[0] for column in connection.description or ()]
    return names, connection.fetchone() or (None,) * len(names)
