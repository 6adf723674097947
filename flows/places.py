"""Which paths can be worked with: any that the system allows, but for what a library underneath cannot name."""

import os
import re
import shlex
from pathlib import Path
from typing import Final

from flows.settings import Settings
from schemas.errors import UsageError

_PATTERN: Final = re.compile(r"[*?[]")


def require_places(settings: Settings) -> None:
    """Raise UsageError (2) for a root or warehouse that no library would find."""
    for path in (settings.root, settings.warehouse):
        require_text(path)
    root, warehouse = os.path.realpath(settings.root), os.path.realpath(settings.warehouse)
    if "\\" in warehouse:
        raise UsageError(
            "DuckDB takes a backslash for a slash, so that nobody could open this warehouse",
            where=warehouse,
            todo="name another with --warehouse (or SETTLE_WAREHOUSE); the root may stay where it is",
        )
    if "\\" in root and _PATTERN.search(root):
        raise UsageError(
            "DuckDB cannot read files below a path with a backslash and one of * ? [",
            where=root,
            todo="put the root elsewhere, or reach it by another path",
        )


def typed(path: Path) -> str:
    """The path as an argument in a shell."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def require_text(path: Path) -> None:
    """Raise UsageError (2) for a path that is not UTF-8: neither Polars, Delta nor DuckDB can name it."""
    try:
        os.path.realpath(path).encode()
    except UnicodeEncodeError:
        raise UsageError(
            "the path has bytes that are not UTF-8",
            where=os.fsencode(os.path.realpath(path)).decode(errors="backslashreplace"),
            todo="rename the folder or file, or use another",
        ) from None
