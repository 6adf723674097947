"""Which files a version of a table has. A version never changes: each is listed once a process, not once a question."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from lake.addresses import delta_address
from lake.tables.files import DataFile, by_path

LISTINGS: Final = 64
"""How many listings are kept: two versions of every table, and some."""


class Listings:
    """Files of versions, in path order. What is known of a version holds for its very log entry, so that another lake
    in its place is seen."""

    def __init__(self) -> None:
        self._files: dict[tuple[Path, int, tuple[int, int]], tuple[DataFile, ...]] = {}

    def of(self, folder: Path, version: int) -> tuple[DataFile, ...]:
        """Read once."""
        key = folder, version, _stamp(folder, version)
        if key not in self._files:
            self.keep(folder, version, _read_listing(folder, version))
        return self._files[key]

    def keep(self, folder: Path, version: int, files: Iterable[DataFile]) -> None:
        """Know them for the next question; those known longest are forgotten."""
        self._files[folder, version, _stamp(folder, version)] = tuple(sorted(files, key=by_path))
        while len(self._files) > LISTINGS:
            del self._files[next(iter(self._files))]


LISTED: Final = Listings()
"""Those of this process."""


def _read_listing(folder: Path, version: int) -> list[DataFile]:
    actions = DeltaTable(delta_address(folder), version=version).get_add_actions(flatten=True)
    columns = pl.DataFrame(actions).select("path", "size_bytes", "num_records")
    # Delta gives names as they stand in its log: as addresses.
    return [DataFile(unquote(path), *row) for path, *row in columns.iter_rows()]


def _stamp(folder: Path, version: int) -> tuple[int, int]:
    entry = (folder / "_delta_log" / f"{version:020}.json").stat()
    return entry.st_mtime_ns, entry.st_size
