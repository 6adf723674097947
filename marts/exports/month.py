"""A month's export: every subject as a workbook, as CSV and as Parquet, all of them or none."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from marts.addresses import copied_to
from marts.exports import sheets as layout
from marts.exports.cells import guarded
from marts.exports.cover import Cover, write_cover
from marts.exports.restated import ONLY_RESTATED, bookings, is_concerned
from marts.exports.sheets import FORMATS, Field, Sheets, field
from marts.exports.subjects import RESTATEMENTS, SUBJECTS, Subject, control_totals
from marts.exports.sums import Sum, sums
from marts.period import Period, choose, month
from marts.reading import Connection, Row, open_warehouse, row, rows
from marts.reports.figures import query

BATCH = 20_000
"""Rows fetched at a time."""


@dataclass(frozen=True)
class Exported:
    """The files of one subject, and how many rows each of them holds."""

    subject: str
    rows: int
    paths: tuple[Path, ...]


def export_month(warehouse: Path, first_of_month: date, folder: Path) -> tuple[Period, list[Exported]]:
    """Write the export of a month into `folder`, replacing an older one of the same month.

    Raises InputMissingError (11) if there is no warehouse or no settled day in the month, ControlFailedError (13) if a
    total is not the warehouse's. Then `folder` is as it was.
    """
    with open_warehouse(warehouse) as connection:
        period = month(connection, first_of_month)
        choose(connection, period)
        run = row(connection, query("published"))
        beside = folder / f".{period.label}.tmp"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        try:
            subjects = (*SUBJECTS, RESTATEMENTS) if is_concerned(connection) else SUBJECTS
            made = [_export(connection, subject, period, run, beside) for subject in subjects]
            return period, [_placed(each, folder) for each in made]
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _placed(made: Exported, folder: Path) -> Exported:
    return Exported(made.subject, made.rows, tuple(path.replace(folder / path.name) for path in made.paths))


def _export(connection: Connection, subject: Subject, period: Period, run: Row, folder: Path) -> Exported:
    restated = bookings(connection, subject.concerns)
    fields = _chosen(connection, subject, restated=bool(restated))
    count = row(connection, "select count(*) as n from exported")["n"]
    size = layout.SHEET_ROWS
    by_sheet = sums(connection, [each.name for each in fields if each.kind == "amount"], -(-count // size) or 1, size)
    totals = {name: reduce(_added, (sheet[name] for sheet in by_sheet)) for name in by_sheet[0]}
    wanted = control_totals(connection, subject, {name: total.total for name, total in totals.items()})
    paths = [folder / f"{subject.name}-{period.label}.{ending}" for ending in ("xlsx", "csv", "parquet")]
    connection.execute(f"copy ({_as_cells(fields)}) to {copied_to(paths[1])} (format csv, header)")
    connection.execute(f"copy exported to {copied_to(paths[2])} (format parquet)")
    cover = Cover(subject, period, run, count, wanted, restated)
    _write_workbook(connection, paths[0], cover, fields, by_sheet, totals)
    return Exported(subject.name, count, tuple(paths))


def _as_cells(fields: Sequence[Field]) -> str:
    """The rows as a CSV has them: a text that a spreadsheet would take for a formula stands behind an apostrophe."""
    cells = [guarded(each.name) if each.kind == "text" else each.name for each in fields]
    return f"select {', '.join(cells)} from exported order by rowid"


def _chosen(connection: Connection, subject: Subject, *, restated: bool) -> list[Field]:
    """Put the subject's rows into `exported`, and say its columns: those of restatements only where there are any."""
    connection.execute(f"create or replace temp table exported as {subject.mart.sql}")
    columns = rows(connection, "describe exported")
    fields = [field(column["column_name"], column["column_type"]) for column in columns]
    for each in fields:
        if each.name.startswith(ONLY_RESTATED) and not restated:
            connection.execute(f"alter table exported drop column {each.name}")
    return [each for each in fields if restated or not each.name.startswith(ONLY_RESTATED)]


def _write_workbook(
    connection: Connection,
    path: Path,
    cover: Cover,
    fields: Sequence[Field],
    by_sheet: Sequence[dict[str, Sum]],
    totals: dict[str, Sum],
) -> None:
    with (
        _told_as_fault_of_the_machine(),
        Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book,
    ):
        book.use_zip64()
        # A file made again from the same books is the same file.
        book.set_properties({"title": cover.subject.title, "created": cover.run["finished"]})
        formats = {name: book.add_format(values) for name, values in FORMATS.items()}
        front = book.add_worksheet("Cover")
        data = Sheets(book, formats, cover.subject.title, fields)
        for sums_of_sheet in by_sheet:
            data.add(sums_of_sheet)
        write_cover(front, formats, cover, fields, data.names, totals)
        found = _fetched(connection)
        for index in range(len(by_sheet)):
            data.fill(index, islice(found, layout.SHEET_ROWS))


@contextmanager
def _told_as_fault_of_the_machine() -> Iterator[None]:
    """A workbook that cannot be written: the library hides the system's error in one of its own."""
    try:
        yield
    except FileCreateError as fault:
        hidden = fault.args[0] if fault.args else None
        raise (hidden if isinstance(hidden, OSError) else OSError(str(fault))) from None


def _fetched(connection: Connection) -> Iterator[tuple[Any, ...]]:
    connection.execute("from exported order by rowid")
    while batch := connection.fetchmany(BATCH):
        yield from batch


def _added(one: Sum, other: Sum) -> Sum:
    largest: Decimal = max(one.largest, other.largest)
    return Sum(one.rows + other.rows, one.total + other.total, one.magnitude + other.magnitude, largest)
