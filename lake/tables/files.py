"""Data files of a table: where they lie, which partition and days they are of, and how they are read.

A file's folder says its partition (`bucket=0/...`, see `lake.tables.partitions`), its name says the run that wrote it,
and of a dated table the first and the last business date of its rows. Until a commit names a file it does not exist for
a reader.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import Final

import polars as pl

from lake.addresses import local_path, read_files, scan_files
from lake.tables.partitions import partition_value
from schemas.tables import BUSINESS_DATE, Table

RUN_ID: Final = r"[0-9]{6,}-[0-9]{8}T[0-9]{12}"
"""A run's id as a pattern: its number, and when it was started in UTC."""
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NAME: Final = re.compile(
    rf"(?:.*/)?(?:(?P<first>{_DAY})_(?P<last>{_DAY})_)?(?P<run>{RUN_ID})(?:-[0-9]{{5,}}-[0-9]+)?\.parquet"
)
Test = Callable[[str], bool]
"""Whether a partition's value, or a business date in ISO form, is asked for."""


def run_of(path: str) -> str | None:
    """The run that wrote a data file, by its name; None for a file that no run has named."""
    named = _NAME.fullmatch(path)
    return named["run"] if named else None


@dataclass(frozen=True, order=True)
class DataFile:
    """One Parquet file of a table. `path` is relative to the table's folder."""

    path: str
    size: int
    rows: int

    @cached_property
    def partition(self) -> dict[str, str]:
        """Partition values as text, read off the path."""
        return dict(map(partition_value, self.path.split("/")[:-1]))

    @cached_property
    def span(self) -> tuple[date, date] | None:
        """First and last business date of a dated table's file; None for a file of another table."""
        named = _NAME.fullmatch(self.path)
        if named is None or named["first"] is None:
            return None
        return date.fromisoformat(named["first"]), date.fromisoformat(named["last"])

    @property
    def days(self) -> tuple[str, ...]:
        """The business dates of `span` in ISO form, in order."""
        return () if self.span is None else _days(*self.span)


by_path: Final = attrgetter("path")


@cache
def _days(first: date, last: date) -> tuple[str, ...]:
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))


def select(files: Iterable[DataFile], **wanted: Test) -> list[DataFile]:
    """Files whose partition values pass every test, in path order; `business_date`: of whose days one does."""
    found = list(files)
    for name, test in wanted.items():
        # A lake of years has thousands of files, of few partitions and days.
        passes = cache(test)
        if name == BUSINESS_DATE:
            found = [f for f in found if any(map(passes, f.days))]
        else:
            found = [f for f in found if passes(f.partition[name])]
    return sorted(found, key=by_path)


def beside(files: Iterable[DataFile], business_date: Test) -> list[DataFile]:
    """Those of `files` that hold other days too than those that pass."""
    passes = cache(business_date)
    return [f for f in files if not all(map(passes, f.days))]


def scan(folder: Path, table: Table, files: Iterable[DataFile], *, business_date: Test | None = None) -> pl.LazyFrame:
    """All rows of `files`, or those of the days that pass; the table's empty frame if there are none."""
    if business_date is None:
        return _scan(folder, table, sorted(files, key=by_path))
    files = select(files, business_date=business_date)
    parts = beside(files, business_date)
    rows = _scan(folder, table, [f for f in files if f not in set(parts)])
    if not parts:
        return rows
    # What is not asked for is left out, and not the other way round: rows of days that a file should not have are seen.
    others = sorted({day for f in parts for day in f.days if not business_date(day)})
    asked = ~pl.col(BUSINESS_DATE).is_in([date.fromisoformat(day) for day in others])
    return pl.concat([rows, _scan(folder, table, parts).filter(asked)])


def widened(folder: Path, table: Table, file: DataFile) -> pl.DataFrame:
    """Rows of a file that was written before its table had all its columns; those that it lacks are null."""
    rows = read_files([f"{folder}/{file.path}"])
    fresh = [pl.lit(None, dtype).alias(name) for name, dtype in table.schema.items() if name not in rows.columns]
    return rows.with_columns(fresh).select(table.schema.keys()).cast(table.types)


def naming(folder: Path, table: Table, files: Iterable[DataFile], column: str, value: int) -> list[DataFile]:
    """Those of `files` that have rows with `value` in `column`, in path order; only that column is read.

    A scan takes every column that it is asked for off the disk, of all files, however few rows remain of them.
    """
    by_name = {local_path(f"{folder}/{f.path}"): f for f in sorted(files, key=by_path)}
    if not by_name:
        return []
    rows = _scan(folder, table, list(by_name.values()), include_file_paths="file")
    found = set(rows.filter(pl.col(column) == value).select(pl.col("file").unique()).collect().to_series())
    return [f for name, f in by_name.items() if name in found]


def _scan(
    folder: Path, table: Table, files: Sequence[DataFile], *, include_file_paths: str | None = None
) -> pl.LazyFrame:
    if not files:
        return table.empty().lazy()
    paths = [f"{folder}/{f.path}" for f in files]
    return scan_files(paths, schema=pl.Schema(table.schema), include_file_paths=include_file_paths)
