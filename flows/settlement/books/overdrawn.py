"""Balances below zero after a run, each with the business date since which it has been so (SPEC 10, 13).

Since when is a matter of the ledger alone: the first end of a business date of the unbroken run below zero that lasts.
A night knows it of whatever was below zero before; only a holding that a backfill has moved is looked for in the past.
"""

from datetime import date

import polars as pl

from flows.settlement.plan import Span
from lake.draft.draft import Draft
from schemas.tables import BALANCES, LEDGER, OVERDRAWN
from transforms.books.balances import HOLDING, MAY_NOT_BE_NEGATIVE, below_zero_since, may_be_overdrawn, overdrawn_of


def overdrawn_after(changes: pl.DataFrame, before: pl.DataFrame, number: int, span: Span, draft: Draft) -> pl.DataFrame:
    """Rows of `overdrawn` of one bucket after `span`. `changes`: what its balances gain; `before`: its rows so far."""
    stay = before.join(changes, on=HOLDING, how="anti")
    holdings = may_be_overdrawn(changes, before)
    found = before.clear().select(pl.exclude("since"))
    if not holdings.is_empty():
        found = overdrawn_of(balance_rows(draft, number), holdings).collect()
    if not span.rewound:
        dated = _tonight if span.first == span.last else _dated
        return pl.concat([stay, dated(found, before, number, span, draft)])
    # Of a balance that ends where it ended, the days in between may be others.
    moved = pl.concat([stay.select(pl.exclude("since")), found.select(stay.columns[:-1])])
    return _dated(moved, before, number, span, draft)


def recomputed_overdrawn(buckets: int, draft: Draft) -> pl.DataFrame:
    """All rows of `overdrawn` of a lake from its balances and its ledger alone, sorted by its key."""
    parts = []
    for number in range(buckets):
        below = _below_zero(number, draft)
        parts.append(_with_since(below, _from_the_ledger(below, number, draft)))
    return pl.concat(parts).sort(OVERDRAWN.key)


def balance_rows(side: Draft, number: int) -> pl.LazyFrame:
    """All rows of one bucket; a balance is the sum of its rows."""
    return side.scan(BALANCES, bucket=lambda value: value == str(number))


def _below_zero(number: int, draft: Draft) -> pl.DataFrame:
    rows = balance_rows(draft, number).filter(pl.col("asset").is_in(MAY_NOT_BE_NEGATIVE))
    sums = rows.group_by(HOLDING).agg(pl.col("balance_fen").sum())
    return sums.filter(pl.col("balance_fen") < 0).collect()


def _tonight(below: pl.DataFrame, before: pl.DataFrame, number: int, span: Span, draft: Draft) -> pl.DataFrame:
    """`below` with `since`: tonight, but for what was below zero before."""
    known = below.join(before.select(*HOLDING, "since"), on=HOLDING, how="left")
    return _with_since(below, known.with_columns(pl.col("since").fill_null(span.first)))


def _dated(below: pl.DataFrame, before: pl.DataFrame, number: int, span: Span, draft: Draft) -> pl.DataFrame:
    """`below` with `since`: in the span, or as it was before it, or, where a rewound span has changed that, as the
    whole ledger says."""
    if below.is_empty():
        return before.clear()
    fallen = below_zero_since(_posted(below, number, draft, span.first), below)
    old = before.filter(pl.col("since") < span.first).select(*HOLDING, pl.col("since").alias("old"))
    known = fallen.join(old, on=HOLDING, how="left").with_columns(since=pl.coalesce("since", "old")).drop("old")
    unknown = below.join(known.filter(pl.col("since").is_null()), on=HOLDING, how="semi")
    past = _from_the_ledger(unknown, number, draft)
    return _with_since(below, pl.concat([known.filter(pl.col("since").is_not_null()), past]))


def _from_the_ledger(below: pl.DataFrame, number: int, draft: Draft) -> pl.DataFrame:
    if below.is_empty():
        return below.select(HOLDING).with_columns(since=pl.lit(None, pl.Date))
    return below_zero_since(_posted(below, number, draft, date.min), below)


def _posted(below: pl.DataFrame, number: int, draft: Draft, first: date) -> pl.LazyFrame:
    """The ledger of some holders from `first` on."""
    low = first.isoformat()
    rows = draft.scan(LEDGER, bucket=lambda value: value == str(number), business_date=lambda day: day >= low)
    of_some = pl.col("holder_id").is_in(below["holder_id"].unique().implode())
    return rows.filter(of_some).select(*HOLDING, "business_date", "amount_fen")


def _with_since(below: pl.DataFrame, since: pl.DataFrame) -> pl.DataFrame:
    dated = below.join(since.select(*HOLDING, "since"), on=HOLDING, how="left")
    return dated.select(OVERDRAWN.schema.keys()).cast(OVERDRAWN.types)
