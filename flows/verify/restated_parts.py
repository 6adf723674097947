"""What verify compares of restatements (SPEC 14): what they say of closed days against what the books have posted.

No feed tells when something was restated, so the lake's own tables have to agree with each other.
"""

from collections.abc import Iterator

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import LEDGER, OVERDRAWN, RESTATED_DAYS, RESTATED_SALES, RESTATEMENTS, Table
from schemas.units import WIDE
from transforms.books.balances import HOLDING
from transforms.corrections.restatement import RESTATEMENT
from transforms.corrections.restatement_sums import (
    RESTATED_PROCEEDS,
    RESTATEMENT_SUMS,
    booked_restatements,
    sold_proceeds,
    told_proceeds,
    told_restatements,
)

Sides = tuple[Table, str, pl.LazyFrame, pl.LazyFrame]
"""A table, which rows of it, and two frames that have to be equal."""


def restatement_sides(stored: Draft, *, restated: bool) -> list[Iterator[Sides]]:
    """Amounts against the ledger, sales against amounts, days against both; one each of the three tables."""
    return [_amounts(stored, restated=restated), _sales(stored), _days(stored)]


def agreeing(stored: Draft) -> pl.LazyFrame:
    """Holdings below zero whose ledger adds up to their balance: where it does not, that is told as such."""
    sums = stored.scan(LEDGER).group_by(HOLDING).agg(sum_fen=pl.col("amount_fen").cast(WIDE).sum())
    both = stored.scan(OVERDRAWN).join(sums, on=HOLDING, how="inner")
    return both.filter(pl.col("sum_fen") == pl.col("balance_fen")).select(HOLDING)


def _amounts(stored: Draft, *, restated: bool) -> Iterator[Sides]:
    ledger = stored.scan(LEDGER) if restated else LEDGER.empty().lazy()
    booked = booked_restatements(ledger.filter(pl.col("origin") == RESTATEMENT))
    yield RESTATEMENT_SUMS, "all days", told_restatements(stored.scan(RESTATEMENTS)), booked


def _sales(stored: Draft) -> Iterator[Sides]:
    moved = told_proceeds(stored.scan(RESTATEMENTS))
    yield RESTATED_PROCEEDS, "all days", sold_proceeds(stored.scan(RESTATED_SALES)), moved


def _days(stored: Draft) -> Iterator[Sides]:
    key = list(RESTATED_DAYS.schema)
    rows = [stored.scan(table).select(key) for table in (RESTATEMENTS, RESTATED_SALES)]
    told = stored.scan(RESTATED_DAYS)
    moved = pl.concat(rows).unique().join(told, on=key, how="anti")
    yield RESTATED_DAYS, "days that restatements moved", moved.clear(), moved
