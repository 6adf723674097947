"""Reference data that was read and checked before, kept typed beside the lake: most nights find it unchanged.

It stands under a mark of the files' contents, so that other contents never find it. It is believed if it is, byte for
byte, what the record of the last run says (`lake.runs.record`), and made anew if not; whoever proves history reads the
files themselves.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from lake.addresses import local_path, read_files
from lake.digest import digest

KEPT_FROM_ROWS: Final = 100_000
"""Smaller reference data is read again as fast."""
FOLDER: Final = ".reference"


def kept_reference(lake: Path, mark: str, wanted: str) -> dict[str, pl.DataFrame] | None:
    """The tables that were kept under `mark`; None if they are not there, or their digest is not the `wanted` one."""
    try:
        paths = _files(lake / FOLDER / mark)
        return {path.stem: read_files([path]) for path in paths} if _digest(paths) == wanted else None
    except (OSError, pl.exceptions.PolarsError):
        return None


def keep_reference(lake: Path, mark: str, tables: Mapping[str, pl.DataFrame]) -> str | None:
    """Keep the tables, if they are large, in place of those kept before; their digest. Without room for them nothing
    is kept."""
    if sum(table.height for table in tables.values()) < KEPT_FROM_ROWS:
        return None
    folder, beside = lake / FOLDER, lake / FOLDER / f"{mark}.tmp"
    with contextlib.suppress(OSError, pl.exceptions.PolarsError):
        shutil.rmtree(folder, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, table in tables.items():
            table.write_parquet(local_path(beside / f"{name}.parquet"), compression="lz4")
        kept = _digest(_files(beside))
        beside.rename(folder / mark)
        return kept
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _digest(paths: list[Path]) -> str:
    named = "".join(f"{digest(path)}  {path.name}\n" for path in paths)
    return hashlib.sha256(named.encode()).hexdigest()
