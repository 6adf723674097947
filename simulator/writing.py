"""From integers to the feeds' files: text in CSV, typed columns in Parquet; what was written is counted."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, Literal

import polars as pl

from lake.addresses import local_path
from schemas.units import TIME_ZONE

DAY_SECONDS: Final = 86_400
EPOCH: Final = date(1970, 1, 1)
OFFSET_SECONDS: Final = 8 * 3_600
"""Shanghai is eight hours ahead, without summer time since 1991."""

TRANSACTION_COLUMNS: Final = (
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


class LandingWriter:
    """Writes files below one folder and keeps count of them. Lines end in a newline alone, everywhere."""

    def __init__(self, root: Path, file_format: Literal["csv", "parquet"]) -> None:
        self.root, self.file_format = root, file_format
        self.files = 0
        self.bytes = 0

    def feed(self, feed: str, day: date, name: str, clean: pl.DataFrame, faulty: pl.DataFrame) -> None:
        """One part of a day's feed: `clean` in its columns' types, `faulty` as text with the same columns.

        In CSV the faulty rows stand in the middle of the file; in Parquet, whose columns have one type, in a
        text file of their own. A `clean` moment is the text or the timestamp that `moment` makes.
        """
        folder = self.root / "landing" / feed / f"day={day.isoformat()}"
        if self.file_format == "csv":
            middle = clean.height // 2
            self.csv(folder / f"{name}.csv", [clean.head(middle), faulty, clean.slice(middle)])
            return
        self._parquet(folder / f"{name}.parquet", clean)
        if faulty.height:
            self._parquet(folder / f"{name}-by-hand.parquet", faulty)

    def csv(self, path: Path, pieces: Iterable[pl.DataFrame]) -> None:
        """One CSV file from pieces with the same columns, the header once."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for position, piece in enumerate(pieces):
                piece.write_csv(file, include_header=position == 0)
        self._count(path)

    def text(self, path: Path, content: str) -> None:
        """One text file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
        self._count(path)

    def control(self, feed: str, day: date, rows: int, amount: str) -> None:
        """The sender's count of rows and sum of amounts (SPEC 2)."""
        path = self.root / "landing" / feed / f"day={day.isoformat()}" / "control.json"
        self.text(path, json.dumps({"rows": rows, "amount": amount}) + "\n")

    def _parquet(self, path: Path, frame: pl.DataFrame) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(local_path(path))
        self._count(path)

    def _count(self, path: Path) -> None:
        self.files += 1
        self.bytes += path.stat().st_size


def transactions(rows: pl.DataFrame, file_format: Literal["csv", "parquet"]) -> pl.DataFrame:
    """Rows as integers (purchases.SCHEMA) in the columns of SPEC 2, in the types that the format has."""
    letter = pl.when(pl.col("kind") == "refund").then(pl.lit("R")).otherwise(pl.lit("P"))
    return rows.select(
        txn_id=letter + pl.col("number").cast(pl.String),
        kind="kind",
        occurred_at=moment(rows["occurred"], file_format),
        member_id="member_id",
        merchant_id="merchant_id",
        amount=decimal("amount_fen", 2),
        voucher_amount=decimal("voucher_fen", 2),
        concession_rate=decimal("rate_basis_points", 4),
        original_txn_id="P" + pl.col("original_number").cast(pl.String),
        original_date=pl.col("original_day").cast(pl.Date),
        channel="channel",
    )


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as the text that a CSV file would show."""
    moments = pl.selectors.datetime()
    return frame.with_columns(moments.dt.strftime("%Y-%m-%dT%H:%M:%S%:z")).select(pl.all().cast(pl.String))


def decimal(column: str, places: int) -> pl.Expr:
    """An integer of 10^-places units as the exact decimal."""
    unit = pl.lit(Decimal(1).scaleb(-places), dtype=pl.Decimal(38, places))
    return (pl.col(column).cast(pl.Decimal(38, places)) * unit).cast(pl.Decimal(18, places))


def moment(seconds: pl.Series, file_format: Literal["csv", "parquet"]) -> pl.Series:
    """Seconds since 1970 by Shanghai's clock, as ISO 8601 text with offset or as timestamp with time zone."""
    if file_format == "parquet":
        utc = ((seconds - OFFSET_SECONDS) * 1_000_000).cast(pl.Datetime("us", "UTC"))
        return utc.dt.convert_time_zone(TIME_ZONE)
    if seconds.is_empty():
        return pl.Series(dtype=pl.String)
    days = seconds // DAY_SECONDS
    first = int(days.min())  # type: ignore[arg-type]
    last = int(days.max())  # type: ignore[arg-type]
    dates = pl.Series([(EPOCH + timedelta(days=day)).isoformat() for day in range(first, last + 1)])
    return dates.gather(days - first) + _clock().gather(seconds % DAY_SECONDS)


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


@cache
def _clock() -> pl.Series:
    hours = (f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(DAY_SECONDS))
    return pl.Series([f"T{text}+08:00" for text in hours])
