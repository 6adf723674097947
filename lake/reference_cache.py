"""Reference data that was read and checked before, kept typed beside the lake: most nights find it unchanged.

It stands under a mark of the files' contents, so that other contents never find it; whoever proves history reads the
files themselves.
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from lake.addresses import local_path, read_files

KEPT_FROM_ROWS: Final = 100_000
"""Smaller reference data is read again as fast."""
FOLDER: Final = ".reference"


def kept_reference(lake: Path, mark: str) -> dict[str, pl.DataFrame] | None:
    """The tables that `keep_reference` kept under this mark; None if there are none, or they cannot be read."""
    folder = lake / FOLDER / mark
    try:
        return {path.stem: read_files([path]) for path in sorted(folder.glob("*.parquet"))} or None
    except (OSError, pl.exceptions.PolarsError):
        return None


def keep_reference(lake: Path, mark: str, tables: Mapping[str, pl.DataFrame]) -> None:
    """Keep the tables, if they are large, in place of those kept before. Without room for them nothing is kept."""
    if sum(table.height for table in tables.values()) < KEPT_FROM_ROWS:
        return
    folder, beside = lake / FOLDER, lake / FOLDER / f"{mark}.tmp"
    with contextlib.suppress(OSError, pl.exceptions.PolarsError):
        shutil.rmtree(folder, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, table in tables.items():
            table.write_parquet(local_path(beside / f"{name}.parquet"), compression="lz4")
        beside.rename(folder / mark)
