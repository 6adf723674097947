"""One holder's rows of the lake: what is read to explain the holder's amounts, never more than that.

What needs the rules imports them when it is asked: see `postings`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Self

import polars as pl

from flows.explain.ledger_rows import Postings
from lake.tables.files import DataFile
from schemas.tables import (
    COHORT_RATES,
    COHORTS,
    MOVEMENTS,
    POOL_EVENTS,
    POSITION_CHANGES,
    POSITIONS,
    PROMOTER_MONTHS,
    REFUNDS,
    TRANSACTIONS,
)

if TYPE_CHECKING:
    from flows.settlement.kept_rules import KeptRules
    from schemas.reference import ReferenceTable
    from schemas.rulebook import Rulebook
    from transforms.explain.holdings import Holdings
    from transforms.explain.model import Amount


@dataclass(frozen=True, eq=False)
class Books(Postings):
    """What the holder's amounts were made of. `rules`: the rulebook that is named (None: each day's own)."""

    rules: "Path | Rulebook | None" = None
    pools_lock: RLock = field(default_factory=RLock, kw_only=True, repr=False)

    @cached_property
    def rulebook(self) -> "Rulebook":
        """The rules: those that are named, else those of the last settled day, else those at hand.

        Raises ConfigurationError (10) if they cannot be used.
        """
        from schemas.rulebook import Rulebook, load_rulebook, rulebook_path  # noqa: PLC0415

        if isinstance(self.rules, Rulebook):
            return self.rules
        kept = None if self.rules else self.kept_rules.on(self.run.last_settled)
        return kept or load_rulebook(rulebook_path(self.root, self.rules))

    @cached_property
    def kept_rules(self) -> "KeptRules":
        """The rulebooks that the days were settled by."""
        from flows.settlement.kept_rules import KeptRules  # noqa: PLC0415

        return KeptRules(self.draft)

    def by_rules(self, amounts: "Sequence[Amount]") -> "Iterator[tuple[Self, list[Amount]]]":
        """`amounts` with the books under the rules of their days; nearly always these very books."""
        rest = list(amounts)
        for own in [] if self.rules else self.kept_rules.apart_from(self.rulebook):
            of_days = [amount for amount in rest if own.has(amount.business_date)]
            rest = [amount for amount in rest if not own.has(amount.business_date)]
            if of_days:
                yield replace(self, rules=own.book), of_days
        yield self, rest

    def transactions(
        self, column: str, days: Collection[date], wanted: Sequence[str] = tuple(TRANSACTIONS.schema)
    ) -> pl.DataFrame:
        """Booked rows of some days that name the holder in a column; `wanted`: the columns that are needed."""
        named = {day.isoformat() for day in days}
        files = self._files_naming(column, named)
        rows = self.draft.scan_files(TRANSACTIONS, files, lambda day: day in named)
        return rows.filter(pl.col(column) == self.holder_id).select(wanted).collect()

    def _files_naming(self, column: str, days: Collection[str]) -> list[DataFile]:
        """Files of some days that may have rows that name the holder in a column.

        Rows of a member lie together in the member's bucket, those of anybody else wherever, in all buckets.
        """
        if column == "member_id":
            return self.files(
                TRANSACTIONS, business_date=lambda day: day in days, bucket=lambda number: number == self.bucket
            )
        files = self.files(TRANSACTIONS, business_date=lambda day: day in days)
        # Of more days than there are files, nearly each file has one: to look for them would be in vain.
        return files if len(days) > len(files) else self.draft.naming(TRANSACTIONS, files, column, self.holder_id)

    def month_sales(
        self, month_ends: Collection[date], key: str, amount: str, wanted: pl.Expr
    ) -> Mapping[date, pl.DataFrame]:
        """Sums of the booked rows of some months, by the month's last day: key, rows, amount."""
        months = {month_end.isoformat()[:7] for month_end in month_ends}
        rows = self.scan(TRANSACTIONS, business_date=lambda day: day[:7] in months).filter(wanted)
        sums = rows.group_by(key, month_end=pl.col("business_date").dt.month_end()).agg(
            pl.len().alias("rows"), pl.col(amount).sum()
        )
        found = sums.sort(key).collect()
        return {day: found.filter(month_end=day).drop("month_end") for day in month_ends}

    def originals(self, column: str, refunds: pl.DataFrame) -> pl.DataFrame:
        """The purchases that the holder's refunds name."""
        from transforms.intake.refund_limits import PURCHASE  # noqa: PLC0415

        named = refunds.select(PURCHASE).unique()
        bought = self.transactions(column, set(named["original_date"])).filter(kind="purchase")
        return bought.join(named, left_on=["business_date", "txn_id"], right_on=PURCHASE, how="semi")

    def earlier_refunds(self, refunds: pl.DataFrame) -> pl.DataFrame:
        """Rows of `refunds` of the same purchases."""
        from transforms.intake.refund_limits import PURCHASE  # noqa: PLC0415

        if refunds.is_empty():
            return REFUNDS.empty()
        first, last = (str(day) for day in (refunds["original_date"].min(), refunds["business_date"].max()))
        named = refunds.lazy().select(PURCHASE).unique()
        rows = self.scan(REFUNDS, business_date=lambda day: first <= day <= last)
        return rows.join(named, on=PURCHASE, how="semi").collect()

    def holdings(self, pool: str) -> "Holdings":
        """The holder's positions in a pool, and the pool's rates; read once."""
        with self.pools_lock:
            if pool not in self._holdings:
                self._holdings[pool] = self._read_holdings(pool)
            return self._holdings[pool]

    @cached_property
    def _holdings(self) -> dict[str, "Holdings"]:
        return {}

    def _read_holdings(self, pool: str) -> "Holdings":
        from transforms.explain.holdings import Holdings  # noqa: PLC0415

        positions = self.scan(POSITIONS, pool=lambda name: name == pool, bucket=lambda number: number == self.bucket)
        changes = self.scan(POSITION_CHANGES, bucket=lambda number: number == self.bucket)
        own = [positions.filter(holder_id=self.holder_id), changes.filter(pool=pool, holder_id=self.holder_id)]
        pools = (self.draft.small(table).filter(pool=pool) for table in (COHORTS, COHORT_RATES, POOL_EVENTS))
        return Holdings(pool, *pl.collect_all(own), *pools)

    def movements(self, days: Collection[date]) -> pl.DataFrame:
        """Booked coin redemptions and payouts of some days."""
        named = {day.isoformat() for day in days}
        rows = self.scan(MOVEMENTS, business_date=lambda day: day in named)
        return rows.filter(holder_kind=self.holder_kind, holder_id=self.holder_id).collect()

    def promoter_months(self, month: date) -> pl.DataFrame:
        """All promoters' rows of a month, named by its first day."""
        name = month.isoformat()
        return self.scan(PROMOTER_MONTHS, month=lambda settled: settled == name).collect()

    def reference(self, table: "ReferenceTable") -> pl.DataFrame:
        """A reference table as the landing zone has it now."""
        from lake.landing.reference import read_sheet  # noqa: PLC0415
        from transforms.reference.tables import parse_table  # noqa: PLC0415

        return parse_table(read_sheet(self.root, table), table).frame.drop("position")


def dates_of(day: date) -> list[date]:
    """Business dates whose amounts may belong to a date: its own, and the day before, whose events count from it."""
    return [day - timedelta(days=1), day]
