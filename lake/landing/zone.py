"""The landing zone: which days and files there are, and what is in them (SPEC 2)."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from lake.digest import fingerprint_of
from lake.landing.delivered import delivered_days
from lake.landing.files import row_parts
from lake.landing.strays import (
    CONTROL,
    ROW_FILES,
    Stray,
    day_strays,
    is_left_alone,
    refuse,
    require_regular,
    standing_strays,
)
from lake.landing.witness import Witness
from schemas.errors import InputMissingError, InputRefusedError
from schemas.feeds import FEEDS, TRANSACTIONS, Feed

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Control:
    """The sender's count and sum of a feed's rows that can be read, refunds positive."""

    rows: int
    amount: Decimal


class Landing:
    """The folder ``<root>/landing``, read only. Every call looks again; only what was fingerprinted is remembered, so
    that `require_unchanged` can tell whether it is what was read."""

    def __init__(self, root: Path) -> None:
        self.folder = Path(root) / "landing"
        self._witness = Witness()

    def first_day(self) -> date | None:
        """The first day with a transactions folder; None if there is none."""
        return min(self.days(), default=None)

    def days(self) -> list[date]:
        """The days with a transactions folder, ascending; gaps are the caller's business."""
        return delivered_days(self.folder)

    def strays(self, days: Iterable[date] = ()) -> list[Stray]:
        """What is neither read nor allowed to be ignored: in the folders of the feeds and of the reference data, and in
        those of `days`."""
        return [*standing_strays(self.folder), *day_strays(self.folder, days)]

    def require_accounted(self, after: date | None) -> None:
        """Raise InputRefusedError (12) if there are strays beside the days' folders; those of days `after` are named
        with them."""
        if self.strays():
            refuse(self.strays(day for day in self.days() if after is None or day > after))

    def require_read_from(self, first: date) -> None:
        """Raise InputRefusedError (12) for files of a day before `first`, with which the books begin: nothing would
        ever read them."""
        why = f"it is before {first}, the first day with transactions"
        folders = [self.day_folder(feed, day) for feed in FEEDS for day in delivered_days(self.folder, feed)]
        early = [path for path in folders if path.name < f"day={first.isoformat()}"]
        refuse([Stray(path, why) for path in early if path.parent.name != TRANSACTIONS.name and _row_files(path)])

    def require_unchanged(self) -> None:
        """Raise InputRefusedError (12) unless all that was fingerprinted is as it was then, and nothing came to it."""
        self._witness.require_same()

    def day_folder(self, feed: Feed, day: date) -> Path:
        """Where a feed's files of a day lie."""
        return self.folder / feed.name / f"day={day.isoformat()}"

    def files(self, feed: Feed, day: date) -> list[Path]:
        """The feed's CSV and Parquet files of a day, by name, but for names that begin with a dot or an underscore.

        Raises InputMissingError if a required feed has no folder, or no file in it: its delivery may be under way, and
        a day without rows has a header-only file. An optional feed then has no files. Raises InputRefusedError for
        what has such a name and is no regular file, without opening it.
        """
        folder = self.day_folder(feed, day)
        found = _row_files(folder) if folder.is_dir() else []
        if feed.required and not found:
            raise InputMissingError(
                f"no {feed.name} were delivered for {day}",
                where=str(folder),
                todo="deliver the day's folder; for a day without sales, one with a header-only file",
            )
        return found

    def size(self, day: date) -> int:
        """Bytes of the transactions files of a day."""
        return sum(path.stat().st_size for path in self.files(TRANSACTIONS, day))

    def fingerprint(self, day: date) -> str:
        """SHA-256 over names and contents of all that a day's run reads, but for the reference data."""
        for feed in FEEDS:
            self._witness.names(self.day_folder(feed, day))
        files = [path for feed in FEEDS for path in [*self.files(feed, day), self._control_file(feed, day)]]
        return self._fingerprint(path for path in files if path.is_file())

    def seen(self) -> dict[Path, tuple[tuple[int, int, int], str]]:
        """Of every file that was fingerprinted: size, mtime_ns and inode, and its digest."""
        return self._witness.seen()

    def reference_fingerprint(self) -> str:
        """SHA-256 over names and contents of the reference data."""
        folder = self.folder / "reference"
        self._witness.names(folder)
        return self._fingerprint(_row_files(folder) if folder.is_dir() else [])

    def read_day(self, feed: Feed, day: date) -> Iterator[pl.DataFrame]:
        """Every data row of a day in parts, in the shape of `schemas.feeds.row_schema`, by file name and position.

        Raises InputMissingError for a required folder that is missing, InputRefusedError for a file that is
        not what its name says, breaks the contract or is cut off in the middle.
        """
        return (_without_torn_amounts(part, feed) for part in row_parts(self.files(feed, day), feed.columns))

    def control(self, feed: Feed, day: date) -> Control | None:
        """The day's ``control.json``, None without one; InputRefusedError if it cannot be read."""
        path = self._control_file(feed, day)
        if not path.exists():
            return None
        try:
            return _control(json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
            raise InputRefusedError(
                f"the sender's control sums cannot be read: {fault!r}",
                where=str(path),
                todo='it has to look like {"rows": 3, "amount": "123.45"}',
            ) from fault

    def _control_file(self, feed: Feed, day: date) -> Path:
        return self.day_folder(feed, day) / CONTROL

    def _fingerprint(self, files: Iterable[Path]) -> str:
        """Over (folders, name, digest of the content) of each file, so that no two sets of files read alike."""
        paths = list(files)
        return fingerprint_of(zip((path.parts[-3:] for path in paths), self._witness.digests(paths), strict=True))


def _row_files(folder: Path) -> list[Path]:
    paths = [path for path in folder.iterdir() if path.suffix in ROW_FILES and not is_left_alone(path.name)]
    require_regular(paths)
    return sorted(paths, key=lambda path: path.name)


def _without_torn_amounts(part: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """Of a row with too few or too many cells nobody knows which cell is its amount."""
    if part["torn"].null_count() == part.height:
        return part
    whole = pl.col("torn").is_null()
    return part.with_columns(pl.when(whole).then(column).alias(column) for column in feed.amounts)


def _control(content: dict[str, object]) -> Control:
    rows, amount = content["rows"], content["amount"]
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
        raise ValueError(f"rows is {rows!r}, not a count")
    if isinstance(amount, bool) or not _DECIMAL.fullmatch(str(amount)):
        raise ValueError(f"amount is {amount!r}, not a decimal")
    return Control(rows, Decimal(str(amount)))
