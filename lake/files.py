"""Data files of a table: where they lie, what partition they are, and how frames become files.

A file's folder says its partition (`business_date=2025-03-01/bucket=0/...`), its name says the run that wrote it.
Files are written first and counted afterwards: until a commit names them they do not exist for a reader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from schemas.tables import Table


@dataclass(frozen=True, order=True)
class DataFile:
    """One Parquet file of a table. `path` is relative to the table's folder."""

    path: str
    size: int
    rows: int

    @property
    def partition(self) -> dict[str, str]:
        """Partition values as text, read off the path."""
        return dict(part.split("=", 1) for part in self.path.split("/")[:-1])

    @property
    def business_date(self) -> date:
        """The day of a table that is partitioned by `business_date`."""
        return date.fromisoformat(self.partition["business_date"])


def select(files: Iterable[DataFile], **wanted: Callable[[str], bool]) -> list[DataFile]:
    """Files whose partition values pass every test, in path order."""
    return sorted(f for f in files if all(test(f.partition[name]) for name, test in wanted.items()))


def scan(folder: Path, table: Table, files: Iterable[DataFile]) -> pl.LazyFrame:
    """All rows of `files`; the table's empty frame if there are none."""
    paths = [folder / f.path for f in sorted(files)]
    if not paths:
        return table.empty().lazy()
    return pl.scan_parquet(paths, schema=pl.Schema(table.schema), hive_partitioning=False)


def write(frame: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    """Write `frame` sorted by the table's key, one file a partition, each file's name beginning with `name`."""
    if frame.is_empty():
        return []
    rows = frame.select(table.schema.keys()).sort(table.key)
    if not table.partition:
        return [_write_one(rows, folder, f"{name}.parquet")]
    return _write_partitions(rows, folder, table, name)


def _write_one(rows: pl.DataFrame, folder: Path, path: str) -> DataFile:
    target = folder / path
    rows.lazy().sink_parquet(target, mkdir=True, maintain_order=True)
    return DataFile(path, target.stat().st_size, rows.height)


def _write_partitions(rows: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    written: list[DataFile] = []

    def place(args: object) -> str:
        keys = args.partition_keys.row(0)  # type: ignore[attr-defined]
        parts = [f"{column}={value}" for column, value in zip(table.partition, keys, strict=True)]
        return "/".join([*parts, f"{name}-{args.index_in_partition}.parquet"])  # type: ignore[attr-defined]

    def note(args: object) -> None:
        for sunk in args.paths:  # type: ignore[attr-defined]
            path = Path(sunk.path).relative_to(folder).as_posix()
            written.append(DataFile(path, sunk.num_bytes, sunk.num_rows))

    target = pl.PartitionBy(folder, key=list(table.partition), include_key=True, file_path_provider=place)
    rows.lazy().sink_parquet(target, mkdir=True, maintain_order=True, sinked_paths_callback=note)
    return written
