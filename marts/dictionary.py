"""Every table, column and macro of a published warehouse as one page: `make dictionary` writes docs/dictionary.md.

Explanations are read from the warehouse itself. Only the columns that a macro gives cannot carry comments there: theirs
are read from the macro's SQL file.
"""

import sys
from pathlib import Path

import duckdb

from marts.addresses import database
from marts.models import macros

_HEAD = """\
# Dictionary

Every table, column and macro of `warehouse.duckdb`, as the file itself explains them. How to use them:
[finance](finance.md). This page is made by `make dictionary` out of the comments in `marts/sql` and `marts/macros`.

Tables: {tables}

Macros: {macros}

## Tables
"""
_TABLES = """
    select table_name, comment from (
        select schema_name, table_name, comment from duckdb_tables() where not internal
        union all
        select schema_name, view_name, comment from duckdb_views() where not internal
    )
    where schema_name = 'main'
    order by table_name
"""
_COLUMNS = """
    select column_name, data_type, comment from duckdb_columns()
    where schema_name = 'main' and not internal and table_name = ?
    order by column_index
"""
_MACROS = """
    select function_name, parameters, comment from duckdb_functions()
    where schema_name = 'main' and not internal
    order by function_name
"""


def dictionary(warehouse: Path) -> str:
    """The page of a published warehouse, which may have tables or views for its details: the page is the same."""
    with duckdb.connect(database(warehouse), read_only=True) as connection:
        tables = connection.execute(_TABLES).fetchall()
        made = connection.execute(_MACROS).fetchall()
        parts = [_HEAD.format(tables=_links(tables), macros=_links(made))]
        parts += [_table(connection, name, comment) for name, comment in tables]
        parts += ["## Macros\n", *(_macro(connection, *macro) for macro in made)]
    return "\n".join(parts)


def _links(rows: list[tuple[str, ...]]) -> str:
    return " · ".join(f"[{row[0]}](#{row[0]})" for row in rows)


def _table(connection: duckdb.DuckDBPyConnection, name: str, comment: str) -> str:
    columns = connection.execute(_COLUMNS, [name]).fetchall()
    return f"### {name}\n\n{comment}\n\n{_listed(columns)}"


def _macro(connection: duckdb.DuckDBPyConnection, name: str, parameters: list[str], comment: str) -> str:
    text = f"### {name}\n\n`{name}({', '.join(parameters)})`. {comment}\n"
    explained = next((macro.columns for macro in macros() if macro.name == name), {})
    if not explained:
        return text
    nothing = ", ".join("null" for _ in parameters)
    given = connection.execute(f"describe from {name}({nothing})").fetchall()
    return f"{text}\n{_listed([(column[0], column[1], explained[column[0]]) for column in given])}"


def _listed(columns: list[tuple[str, ...]]) -> str:
    rows = [f"| `{name}` | {kind} | {meaning} |\n" for name, kind, meaning in columns]
    return "".join(["| column | type | meaning |\n", "|---|---|---|\n", *rows])


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(dictionary(Path(sys.argv[1])), encoding="utf-8")
