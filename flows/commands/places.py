"""Which paths can be worked with: any that the system allows, but for what a library underneath cannot name."""

import os
import re
import shlex
from pathlib import Path
from typing import Final

from flows.settings import Settings
from schemas.errors import UsageError

_PATTERN: Final = re.compile(r"[*?[]")
_ADDRESS: Final = re.compile(r":memory:|[A-Za-z][A-Za-z0-9+._-]*:")


def require_places(settings: Settings) -> None:
    """Raise UsageError (2) for a root or warehouse that no library would find."""
    for path in (settings.root, settings.warehouse):
        require_text(path)
    if _is_address(settings.warehouse):
        raise UsageError(
            "DuckDB takes this name for an address, not for a file",
            where=str(settings.warehouse),
            todo="name a file with --warehouse (or SETTLE_WAREHOUSE): its whole path, if it is called so",
        )
    root, warehouse = os.path.realpath(settings.root), os.path.realpath(settings.warehouse)
    if "\\" in warehouse:
        raise UsageError(
            "DuckDB takes a backslash for a slash, so that nobody could open this warehouse",
            where=warehouse,
            todo="name another with --warehouse (or SETTLE_WAREHOUSE); the root may stay where it is",
        )
    _require_outside(settings.root, settings.warehouse)
    if "\\" in root and _PATTERN.search(root):
        raise UsageError(
            "DuckDB cannot read files below a path with a backslash and one of * ? [",
            where=root,
            todo="put the root elsewhere, or reach it by another path",
        )


def _is_address(path: Path) -> bool:
    """Whether DuckDB takes the path for something else than a file; not for one in a folder that is really there."""
    return bool(_ADDRESS.match(str(path))) and (path.parent == Path() or not path.parent.is_dir())


def require_output(root: Path, path: Path) -> None:
    """Raise UsageError (2) for a place where no result may go: a device or a pipe, or among the lake's or the feeds'
    files, which nothing else may lie among."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UsageError("this is no file and no folder", where=str(path), todo="name a file or folder to write to")
    _require_outside(root, path)


def _require_outside(root: Path, path: Path) -> None:
    for name in ("lake", "landing"):
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root / name)):
            raise UsageError(
                f"nothing else may lie in the folder {name} of a root", where=str(path), todo="name a place elsewhere"
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
