"""The stored history beside its recomputation, part by part (SPEC 14): what has to be equal, and in which columns.

Without restatements every table is compared row for row. With them, what was posted on closed days stands: the ledger
as it should be is compared row for row, what was posted by its sums.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap
from typing import Final

import polars as pl

from flows.settlement.books.overdrawn import recomputed_overdrawn
from flows.verify.restated_parts import agreeing, restatement_sides
from flows.verify.tables import CORRECTED, POSTED
from lake.draft.draft import Draft
from lake.tables.files import DataFile, Test
from lake.tables.side_by_side import slices
from schemas.tables import (
    BALANCES,
    CORRECTIONS,
    JOURNAL,
    JOURNAL_DUE,
    JOURNAL_RESTATEMENTS,
    LEDGER,
    OVERDRAWN,
    SOLVENCY,
    TABLES,
    Table,
)
from transforms.books.balances import HOLDING, net_balances
from transforms.books.ledger import SETTLEMENT
from transforms.corrections.comparison import JOURNAL_SUMS, LEDGER_SUMS, journal_sums, ledger_sums, without
from transforms.corrections.restatement import net_entries

PART_ROWS: Final = 500_000
"""Rows of a table that are compared at once, about; no result depends on it."""


@dataclass(frozen=True)
class Part:
    """Rows that must be equal on both sides. `where` says which part of the table they are."""

    table: Table
    where: str
    stored: pl.LazyFrame
    recomputed: pl.LazyFrame


@dataclass(frozen=True)
class History:
    """Two lakes of the same days, and the days of the stored one that were restated."""

    stored: Draft
    recomputed: Draft
    restated: frozenset[date]

    def tables(self) -> list[Iterator[Part]]:
        """All there is to compare: of each table its parts, small enough for memory."""
        plain = [each for each in CORRECTED if each is not OVERDRAWN] if self.restated else CORRECTED + POSTED
        parts = [*map(self._whole, plain), self._balances(), self._ledger(), self._corrections()]
        if self.restated:
            parts += [self._ledger_sums(), self._journal_sums(), self._open_journal(), self._open_solvency()]
            parts += [self._overdrawn()]
        restated = restatement_sides(self.stored, restated=bool(self.restated))
        return [*parts, *(starmap(Part, sides) for sides in restated)]

    def _whole(self, table: Table) -> Iterator[Part]:
        yield from self._parts(table, table)

    def _parts(
        self,
        table: Table,
        recomputed_in: Table,
        *,
        days: Test = lambda _: True,
        kept: pl.Expr | None = None,
    ) -> Iterator[Part]:
        """A table beside the other side's, of the `days` that are asked for. `kept`: stored rows to compare."""
        columns = list(table.schema)
        stored, recomputed = self.stored.files(TABLES[table.name]), self.recomputed.files(recomputed_in)
        for part in slices(stored, recomputed, PART_ROWS, days):
            rows = _scan(self.stored, table, part.left, part.days)
            again = _scan(self.recomputed, recomputed_in, part.right, part.days)
            where = f"{min(part.left + part.right).path} to {max(part.left + part.right).path}"
            yield Part(
                table, where, (rows if kept is None else rows.filter(kept)).select(columns), again.select(columns)
            )

    def _balances(self) -> Iterator[Part]:
        """Each holder's balance, however many rows it has come from; a bucket at a time."""
        for number in sorted({f.partition["bucket"] for side in self._sides for f in side.files(BALANCES)}):
            stored, recomputed = (
                net_balances(side.scan(BALANCES, bucket=lambda value, number=number: value == number)).sort(HOLDING)  # type: ignore[misc]
                for side in self._sides
            )
            yield Part(BALANCES, f"bucket={number}", stored, recomputed)

    def _ledger(self) -> Iterator[Part]:
        """The ledger of the days that were not restated: what should be posted was."""
        kept = pl.col("origin") == SETTLEMENT if self.restated else None
        yield from self._parts(LEDGER, LEDGER, days=lambda day: not self._is_restated(day), kept=kept)

    def _corrections(self) -> Iterator[Part]:
        """The ledger of restated days as it should be, and nothing beside it."""
        yield from self._parts(CORRECTIONS, LEDGER, days=self._is_restated)

    def _is_restated(self, day: str) -> bool:
        return date.fromisoformat(day) in self.restated

    @property
    def _sides(self) -> tuple[Draft, Draft]:
        return self.stored, self.recomputed

    def _ledger_sums(self) -> Iterator[Part]:
        """All that was posted, restatements included, against all that should have been; a bucket at a time."""
        numbers = {f.partition["bucket"] for side in self._sides for f in side.files(LEDGER)}
        for number in sorted(numbers):
            stored, recomputed = (
                ledger_sums(side.scan(LEDGER, bucket=lambda value, number=number: value == number))  # type: ignore[misc]
                for side in self._sides
            )
            yield Part(LEDGER_SUMS, f"bucket={number}", stored, recomputed)

    def _overdrawn(self) -> Iterator[Part]:
        """What is below zero is as it should be; since when goes by what was posted, and that by the stored ledger."""
        plain = without(OVERDRAWN, ("since",))
        stored, recomputed = (side.scan(OVERDRAWN).select(plain.schema.keys()) for side in self._sides)
        yield Part(plain, "all rows", stored, recomputed)
        buckets = 1 + max((int(f.partition["bucket"]) for f in self.stored.files(BALANCES)), default=0)
        since, good = recomputed_overdrawn(buckets, self.stored).lazy(), agreeing(self.stored)
        sides = (rows.join(good, on=HOLDING, how="semi") for rows in (self.stored.scan(OVERDRAWN), since))
        yield Part(OVERDRAWN, "since when, by the stored ledger", *sides)

    def _journal_sums(self) -> Iterator[Part]:
        yield Part(
            JOURNAL_SUMS,
            "all days",
            journal_sums(self.stored.scan(JOURNAL)),
            journal_sums(self.recomputed.scan(JOURNAL_DUE)),
        )

    def _open_journal(self) -> Iterator[Part]:
        """Days that were not restated show what was due on them and the restatements that were booked on them."""
        standing = ~pl.col("business_date").is_in(list(self.restated))
        due, booked = self.recomputed.small(JOURNAL_DUE), self.stored.small(JOURNAL_RESTATEMENTS)
        expected = net_entries(pl.concat([due, booked]).filter(standing))
        yield Part(JOURNAL, "days not restated", self.stored.scan(JOURNAL).filter(standing), expected.lazy())

    def _open_solvency(self) -> Iterator[Part]:
        """From the day on which the last restatement was booked, the fund is as it should be."""
        booked = self.stored.small(JOURNAL_RESTATEMENTS)["business_date"].to_list()
        good = (pl.col("business_date") > max(self.restated)) & (
            pl.col("business_date") >= max(booked, default=date.min)
        )
        stored, recomputed = (side.scan(SOLVENCY).filter(good) for side in self._sides)
        yield Part(SOLVENCY, "days after the restatements", stored, recomputed)


def _scan(side: Draft, table: Table, files: Sequence[DataFile], days: Test | None) -> pl.LazyFrame:
    # A table to compare may have fewer columns than its files.
    return side.scan_files(TABLES[table.name], files, days)
