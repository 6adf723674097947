"""Paths as Polars and Delta take them. Both take addresses, and Polars patterns too: this module makes them of paths,
and nothing else may (SPEC 2: a folder's path may hold any character that the system allows).

Polars takes a leading `~` for a home and `file:x` for an address; a path from `/` on is what it says. Delta makes a URL
of a table's folder, and for some characters fails or finds another folder. Such a table is opened under another name:
a folder of this process with a link to the table's log. Its files are never opened through Delta.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from schemas.errors import StorageError

_NO_URL: Final = re.compile(r"[\x00-\x1f\x7f\[\]\\^|%]")
"""What Delta refuses in a table's folder, or decodes."""
_PLACES: Final = ("/tmp", "/var/tmp", "/dev/shm")


def local_path(path: str | Path) -> str:
    """A file or folder for Polars, to read without patterns or to write."""
    return os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118  (of every file of the lake)


def delta_address(folder: Path, *, new: bool = False) -> str:
    """A table's folder for Delta; `new`: it is about to be made.

    Raises StorageError (1) if it needs another name and there is no place for one.
    """
    whole = os.path.realpath(folder)
    if not _NO_URL.search(whole):
        return local_path(folder)
    if new:
        (folder / "_delta_log").mkdir(parents=True, exist_ok=True)
    return _other_name(whole)


def is_plain(folder: Path) -> bool:
    """Whether Delta can write files into this folder by itself."""
    return not _NO_URL.search(os.path.realpath(folder))


def scan_files(
    paths: Iterable[str | Path], schema: pl.Schema | None = None, include_file_paths: str | None = None
) -> pl.LazyFrame:
    """Rows of Parquet files, as `pl.scan_parquet`; each path is a file, and its folders say nothing."""
    return pl.scan_parquet(
        [local_path(path) for path in paths],
        glob=False,
        hive_partitioning=False,
        schema=schema,
        include_file_paths=include_file_paths,
    )


def read_files(paths: Iterable[str | Path]) -> pl.DataFrame:
    """The same, read."""
    return pl.read_parquet([local_path(path) for path in paths], glob=False, hive_partitioning=False)


def _other_name(folder: str) -> str:
    """A folder with a plain path that has the log of `folder`, a real path."""
    beside = Path(_room()) / hashlib.sha256(folder.encode()).hexdigest()[:16] / Path(folder).name
    # A table's own name is plain; if it is not, nothing depends on it.
    beside = beside.with_name("table") if _NO_URL.search(beside.name) else beside
    log = beside / "_delta_log"
    if not log.is_symlink():
        beside.mkdir(parents=True, exist_ok=True)
        log.symlink_to(Path(folder) / "_delta_log")
    return str(beside)


@cache
def _room() -> str:
    """A folder of this process that is gone when it ends."""
    for place in (tempfile.gettempdir(), *_PLACES):
        if Path(place).is_dir() and os.access(place, os.W_OK) and not _NO_URL.search(os.path.realpath(place)):
            room = tempfile.TemporaryDirectory(prefix="settle-", dir=os.path.realpath(place))
            _kept.append(room)
            return room.name
    raise StorageError(
        "the lake's path has characters that Delta does not take, and there is no folder for another name of it",
        where=tempfile.gettempdir(),
        todo="set TMPDIR to a folder with a plain path, or put the root there",
    )


_kept: Final[list[tempfile.TemporaryDirectory[str]]] = []
