"""Small files of past months are merged, so that a lake of years has few: what is read does not change, only where it
lies.

A night adds a file a bucket to every dated table. In a lake of small nights that is thousands of small files a year,
and whoever lists or reads the past pays for each: nights, `explain`, and finance through the views of the warehouse.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from lake.draft.draft import Draft
from lake.tables.files import DataFile, run_of
from schemas.errors import DamagedLakeError
from schemas.tables import TABLES, Table

SMALL_ROWS: Final = 100_000
"""A file of fewer rows is small: of larger ones a lake has so many because it has so much in them."""
MERGED_ROWS: Final = 1_000_000
"""Rows of a merged file at most."""
ROWS_A_RUN: Final = 500_000
"""Rows after which a run merges no more, unless it has written more itself."""


def merge_past_months(draft: Draft, last: date) -> None:
    """Merge small files of the months before that of `last`, the lake's last day, within what a run may merge.

    What is too much for this run is left to the next.
    """
    left = max(ROWS_A_RUN, _rows_of_run(draft))
    for table in (table for table in TABLES.values() if table.dated):
        for files in mergeable(draft.files(table), last.replace(day=1)):
            if left > 0:
                _merge(table, files, draft)
                left -= sum(f.rows for f in files)


def mergeable(files: Sequence[DataFile], before: date) -> Iterator[list[DataFile]]:
    """Files that shall be one: small ones of one partition and month whose days are all before `before`."""
    small = sorted((f for f in files if f.rows < SMALL_ROWS and _span(f)[1] < before), key=_place)
    for _, of_month in groupby(small, key=lambda f: (tuple(f.partition.values()), f"{_span(f)[0]:%Y-%m}")):
        for part in _parts(of_month):
            if len(part) > 1:
                yield part


def _parts(files: Iterator[DataFile]) -> Iterator[list[DataFile]]:
    """In the order of time, at most MERGED_ROWS rows each."""
    part: list[DataFile] = []
    for file in files:
        if part and sum(f.rows for f in part) + file.rows > MERGED_ROWS:
            yield part
            part = []
        part.append(file)
    yield part


def _merge(table: Table, files: Sequence[DataFile], draft: Draft) -> None:
    rows = draft.scan_files(table, files).collect()
    if rows.height != sum(f.rows for f in files):
        raise DamagedLakeError(
            f"files of {table.name} have {rows.height} rows, and their table says {sum(f.rows for f in files)}",
            where=f"{draft.store.folder / table.name / files[0].path} to {files[-1].path}",
            todo="restore them from a backup",
        )
    gone = set(files)
    draft.keep_files(table, [f for f in draft.files(table) if f not in gone])
    draft.append(table, rows)


def _rows_of_run(draft: Draft) -> int:
    dated = (table for table in TABLES.values() if table.dated)
    return sum(f.rows for table in dated for f in draft.files(table) if run_of(f.path) == draft.run_id)


def _place(f: DataFile) -> tuple[tuple[str, ...], date, date, str]:
    return tuple(f.partition.values()), *_span(f), f.path


def _span(f: DataFile) -> tuple[date, date]:
    if f.span is None:
        raise ValueError(f"{f.path} does not say its days")
    return f.span
