"""Data files of a table: where they lie, what partition they are, and how frames become files.

A file's folder says its partition (`business_date=2025-03-01/bucket=0/...`), its name says the run that wrote it.
Files are written first and counted afterwards: until a commit names them they do not exist for a reader.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import Final

import polars as pl

from lake.sorting import sorted_by
from schemas.steps import step
from schemas.tables import Table

RUN_ID: Final = r"[0-9]{6,}-[0-9]{8}T[0-9]{12}"
"""A run's id as a pattern: its number, and when it was started in UTC."""
_NAME: Final = re.compile(rf"(?:.*/)?({RUN_ID})(?:-[0-9]{{5,}}-[0-9]+)?\.parquet")


def run_of(path: str) -> str | None:
    """The run that wrote a data file, by its name; None for a file that no run has named."""
    named = _NAME.fullmatch(path)
    return named[1] if named else None


@dataclass(frozen=True, order=True)
class DataFile:
    """One Parquet file of a table. `path` is relative to the table's folder."""

    path: str
    size: int
    rows: int

    @cached_property
    def partition(self) -> dict[str, str]:
        """Partition values as text, read off the path."""
        return dict(part.split("=", 1) for part in self.path.split("/")[:-1])

    @property
    def business_date(self) -> date:
        """The day of a table that is partitioned by `business_date`."""
        return date.fromisoformat(self.partition["business_date"])


by_path: Final = attrgetter("path")


def select(files: Iterable[DataFile], **wanted: Callable[[str], bool]) -> list[DataFile]:
    """Files whose partition values pass every test, in path order."""
    found = list(files)
    for name, test in wanted.items():
        # Years of days are thousands of files, of few partitions.
        passes = cache(test)
        found = [f for f in found if passes(f.partition[name])]
    return sorted(found, key=by_path)


def scan(folder: Path, table: Table, files: Iterable[DataFile], *, origin: str | None = None) -> pl.LazyFrame:
    """All rows of `files`; the table's empty frame if there are none. `origin`: a column for the path of each row's
    file, whose name says the run that wrote it (`run_of`)."""
    paths = [f"{folder}/{f.path}" for f in sorted(files, key=by_path)]
    if not paths:
        rows = table.empty().lazy()
        return rows if origin is None else rows.with_columns(pl.lit(None, pl.String).alias(origin))
    return pl.scan_parquet(paths, schema=pl.Schema(table.schema), hive_partitioning=False, include_file_paths=origin)


def write(frame: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    """Write `frame` sorted by the table's key, one file a partition, each file's name beginning with `name`."""
    if frame.is_empty():
        return []
    rows = sorted_by(frame.select(table.schema.keys()), table.key)
    if not table.partition:
        return [_write_one(rows, folder, f"{name}.parquet")]
    return _write_partitions(rows, folder, table, name)


def _write_one(rows: pl.DataFrame, folder: Path, path: str) -> DataFile:
    target = folder / path
    step(f"write {folder.name}")
    with _whole_or_gone([target]):
        rows.lazy().sink_parquet(target, mkdir=True, maintain_order=True)
        step(f"wrote {folder.name}")
    return DataFile(path, target.stat().st_size, rows.height)


def _write_partitions(rows: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    written: list[DataFile] = []
    opened: list[Path] = []

    def place(keys: Sequence[object], number: int) -> str:
        step(f"open a part of {folder.name}")
        parts = [f"{column}={value}" for column, value in zip(table.partition, keys, strict=True)]
        path = "/".join([*parts, f"{name}-{number}.parquet"])
        opened.append(folder / path)
        return path

    def note(path: Path, size: int, height: int) -> None:
        step(f"wrote a part of {folder.name}")
        written.append(DataFile(path.relative_to(folder).as_posix(), size, height))

    step(f"write {folder.name}")
    with _whole_or_gone(opened):
        bounds = rows.select(pl.col(table.partition).min()).row(0), rows.select(pl.col(table.partition).max()).row(0)
        if bounds[0] == bounds[1]:
            # A partitioned sink takes half as long again, and most writes are of one day and bucket.
            target = folder / place(bounds[0], 0)
            rows.lazy().sink_parquet(target, mkdir=True, maintain_order=True)
            note(target, target.stat().st_size, rows.height)
        else:
            _sink_partitions(rows, folder, table, place, note)
    return written


def _sink_partitions(
    rows: pl.DataFrame,
    folder: Path,
    table: Table,
    place: Callable[[Sequence[object], int], str],
    note: Callable[[Path, int, int], None],
) -> None:
    def provide(args: object) -> str:
        return place(args.partition_keys.row(0), args.index_in_partition)  # type: ignore[attr-defined]

    def told(args: object) -> None:
        for sunk in args.paths:  # type: ignore[attr-defined]
            note(Path(sunk.path), sunk.num_bytes, sunk.num_rows)

    target = pl.PartitionBy(folder, key=list(table.partition), include_key=True, file_path_provider=provide)
    rows.lazy().sink_parquet(target, mkdir=True, maintain_order=True, sinked_paths_callback=told)


@contextmanager
def _whole_or_gone(paths: list[Path]) -> Iterator[None]:
    """A write that fails, as on a full disk, leaves nothing of these files."""
    try:
        yield
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
