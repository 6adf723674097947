"""How frames become files: sorted, one file a partition, named by their days and the run.

Files are written first and counted afterwards: until a commit names them they do not exist for a reader.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from lake.addresses import local_path
from lake.tables.files import DataFile
from lake.tables.partitions import folder_name
from lake.tables.sorting import sorted_by
from schemas.steps import step
from schemas.tables import BUSINESS_DATE, Table

Partition = tuple[object, ...]
Span = tuple[date, date]

PAGE_BYTES: Final = 2**16
"""A page of a column, before it is packed. Who asks for few rows of a file unpacks their pages, and no others: at a
sixteenth of what is usual a hundred rows cost next to nothing. No result depends on it."""


def write(frame: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    """Write `frame` sorted by the table's key, one file a partition; `name` is in each file's name, with its days."""
    if frame.is_empty():
        return []
    folder = Path(local_path(folder))
    rows = sorted_by(frame.select(table.schema.keys()), table.key)
    step(f"write {folder.name}")
    if table.is_small:
        return _write_small(rows, folder, f"{name}.parquet")
    return _write_parts(rows, folder, table, name)


def _write_small(rows: pl.DataFrame, folder: Path, path: str) -> list[DataFile]:
    target = folder / path
    with _whole_or_gone([target]):
        rows.lazy().sink_parquet(local_path(target), data_page_size=PAGE_BYTES, mkdir=True, maintain_order=True)
        step(f"wrote {folder.name}")
    return [DataFile(path, target.stat().st_size, rows.height)]


def _write_parts(rows: pl.DataFrame, folder: Path, table: Table, name: str) -> list[DataFile]:
    written: list[DataFile] = []
    opened: list[Path] = []
    spans = _spans(rows, table)

    def place(keys: Partition, number: int) -> str:
        step(f"open a part of {folder.name}")
        parts = [folder_name(column, value) for column, value in zip(table.partition, keys, strict=True)]
        days = "{}_{}_".format(*spans[keys]) if table.dated else ""
        path = "/".join([*parts, f"{days}{name}-{number}.parquet"])
        opened.append(folder / path)
        return path

    def note(path: Path, size: int, height: int) -> None:
        step(f"wrote a part of {folder.name}")
        written.append(DataFile(path.relative_to(folder).as_posix(), size, height))

    with _whole_or_gone(opened):
        if len(spans) == 1:
            # A partitioned sink takes half as long again, and most writes are of one bucket.
            target = folder / place(next(iter(spans)), 0)
            rows.lazy().sink_parquet(local_path(target), data_page_size=PAGE_BYTES, mkdir=True, maintain_order=True)
            note(target, target.stat().st_size, rows.height)
        else:
            _sink_parts(rows, folder, table, place, note)
    return written


def _spans(rows: pl.DataFrame, table: Table) -> Mapping[Partition, Span]:
    """The partitions of `rows`, each with the first and the last business date of its rows, if it has any."""
    of = pl.col(BUSINESS_DATE) if table.dated else pl.lit(None, pl.Date)
    bounds = [of.min().alias("first"), of.max().alias("last")]
    if not table.partition:
        found = rows.select(bounds)
    else:
        low, high = rows.select(pl.col(table.partition).min()), rows.select(pl.col(table.partition).max())
        found = low.hstack(rows.select(bounds)) if low.equals(high) else rows.group_by(table.partition).agg(bounds)
    return {tuple(row[:-2]): (row[-2], row[-1]) for row in found.iter_rows()}


def _sink_parts(
    rows: pl.DataFrame,
    folder: Path,
    table: Table,
    place: Callable[[Partition, int], str],
    note: Callable[[Path, int, int], None],
) -> None:
    def provide(args: object) -> str:
        return place(args.partition_keys.row(0), args.index_in_partition)  # type: ignore[attr-defined]

    def told(args: object) -> None:
        for sunk in args.paths:  # type: ignore[attr-defined]
            note(Path(sunk.path), sunk.num_bytes, sunk.num_rows)

    rows.lazy().sink_parquet(
        pl.PartitionBy(local_path(folder), key=list(table.partition), include_key=True, file_path_provider=provide),
        data_page_size=PAGE_BYTES,
        mkdir=True,
        maintain_order=True,
        sinked_paths_callback=told,
    )


@contextmanager
def _whole_or_gone(paths: Sequence[Path]) -> Iterator[None]:
    """A write that fails, as on a full disk, leaves nothing of these files."""
    try:
        yield
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
