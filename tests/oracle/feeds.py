"""Files of the landing zone as rows of text cells (SPEC 2). CSV and Parquet read alike."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.oracle.units import OracleRefusal

TRANSACTIONS = (
    "txn_id",
    "kind",
    "occurred_at",
    "member_id",
    "merchant_id",
    "amount",
    "voucher_amount",
    "concession_rate",
    "original_txn_id",
    "original_date",
    "channel",
)
COIN_REDEMPTIONS = ("redemption_id", "occurred_at", "holder_kind", "holder_id", "coins")
PAYOUTS = ("payout_id", "occurred_at", "holder_kind", "holder_id", "asset", "amount")
FEEDS = {"transactions": TRANSACTIONS, "coin_redemptions": COIN_REDEMPTIONS, "payouts": PAYOUTS}


@dataclass(frozen=True)
class RawRow:
    """One row as it landed. `torn`: it has not as many cells as the header has names."""

    cells: dict[str, str | None]
    torn: bool = False


def read_file(path: Path, columns: Sequence[str]) -> list[RawRow]:
    return list(_read_csv(path, columns) if path.suffix == ".csv" else _read_parquet(path, columns))


def read_day(landing: Path, feed: str, day: date) -> list[RawRow] | None:
    """All rows of a feed's day, by file name and position; None where the folder is missing."""
    folder = landing / feed / f"day={day.isoformat()}"
    if not folder.is_dir():
        return None
    files = sorted(
        (path for path in folder.iterdir() if path.suffix in (".csv", ".parquet")), key=lambda path: path.name
    )
    return [row for path in files for row in read_file(path, FEEDS[feed])]


def read_control(landing: Path, day: date) -> tuple[int, Fraction] | None:
    """The sender's own count of rows and sum of amounts."""
    path = landing / "transactions" / f"day={day.isoformat()}" / "control.json"
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return int(told["rows"]), Fraction(str(told["amount"]))
    except (ValueError, KeyError, TypeError) as error:
        raise OracleRefusal(12, f"{path}: {error}") from error


def _check_header(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    for column in columns:
        if header.count(column) != 1:
            raise OracleRefusal(12, f"{path}: column {column} stands {header.count(column)} times")


def _read_csv(path: Path, columns: Sequence[str]) -> Iterator[RawRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        _check_header(path, header, columns)
        torn = False
        for line in lines:
            if not line:
                continue  # a blank line is no row
            found = dict(zip(header, line, strict=False))
            cells = {column: found.get(column) or None for column in columns}
            torn = len(line) != len(header)
            yield RawRow(cells, torn)
    if torn and not path.read_bytes().endswith((b"\n", b"\r")):
        raise OracleRefusal(12, f"{path}: cut off in the middle of its last row")


def _read_parquet(path: Path, columns: Sequence[str]) -> Iterator[RawRow]:
    schema = pq.read_schema(path)
    _check_header(path, schema.names, columns)
    for column in columns:
        if pa.types.is_floating(schema.field(column).type):
            raise OracleRefusal(12, f"{path}: {column} is a binary float")
    table = pq.ParquetFile(path).read(columns=list(columns))
    values = [_as_text(table.column(column)) for column in columns]
    for cells in zip(*values, strict=True):
        yield RawRow(dict(zip(columns, cells, strict=True)))


def _as_text(column: Any) -> list[str | None]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", "UTC"), safe=False)
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) or None
