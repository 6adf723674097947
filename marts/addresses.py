"""Paths as DuckDB takes them: names of databases, lists of files in SQL. Nothing else may make these of paths.

DuckDB takes `:memory:`, `md:x` or `http:x` for something else than a file, a file's name in SQL for a pattern, and a
backslash for a slash. A path from `/` on, its pattern characters in brackets, is what it says; a backslash cannot be
said, so that no warehouse can lie below one (`flows.commands.places`).
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PATTERN: Final = re.compile(r"[*?[]")


def database(path: Path) -> str:
    """The name of a database file, for `duckdb.connect`."""
    return os.path.realpath(path)


@contextmanager
def new_database(path: Path) -> Iterator[str]:
    """The name to make the database file `path` by. It is there when this ends well.

    While DuckDB writes a file, its log is called like it up to a question mark, and then `.wal`.
    """
    if "?" not in database(path):
        yield database(path)
        return
    with tempfile.TemporaryDirectory(prefix="settle-") as room:
        made = Path(room) / "warehouse.duckdb"
        yield database(made)
        shutil.move(made, path)


def file_list(paths: Iterable[str]) -> str:
    """Files as a list in SQL, for `read_parquet`. They are named from `/` on."""
    return f"[{', '.join(quoted(_PATTERN.sub(_itself, path)) for path in paths)}]"


def copied_to(path: Path) -> str:
    """A file that `copy` writes, as a literal in SQL."""
    return quoted(str(path.absolute()))


def quoted(text: str) -> str:
    """A literal in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _itself(found: re.Match[str]) -> str:
    return f"[{found[0]}]"
