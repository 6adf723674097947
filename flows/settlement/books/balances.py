"""Balances after a run: what its postings add to them, bucket by bucket, and which are below zero now.

A run writes its changes only. Files of changes are merged as they become many, and all of a bucket once the changes
outgrow the largest file, so that a night's cost does not grow with the members, nor a reader's with the nights.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import polars as pl

from flows.settlement.books.overdrawn import overdrawn_after
from flows.settlement.plan import Span
from lake.draft.draft import Draft
from lake.tables.files import DataFile, select
from schemas.tables import BALANCE_TOTALS, BALANCES, LEDGER, OVERDRAWN
from transforms.books.balances import added_totals, net_balances, posted_balances

ROWS_SUMMED: Final = 3_000_000
"""Ledger rows that are summed at once, about: a backfill of years has many."""
FILES_OF_CHANGES: Final = 16
"""How many files of changes a bucket may have beside its largest."""


def settle_balances(span: Span, buckets: int, base: Draft, draft: Draft) -> dict[tuple[str, str], int]:
    """Bring the balances from the ledger of `base` to that of `draft`, which agree before `span`.

    Returns the sums of all balances by (holder_kind, asset), in fen.
    """
    totals, overdrawn = draft.small(BALANCE_TOTALS), draft.small(OVERDRAWN)
    below_zero = []
    for number in range(buckets):
        changes = _changes(number, span.first, base, draft)
        draft.append(BALANCES, changes)
        _merge(number, draft)
        before = overdrawn.filter(pl.col("bucket") == number)
        below_zero.append(overdrawn_after(changes, before, number, span, draft))
        totals = added_totals(totals, changes.lazy()).collect()
    draft.replace(OVERDRAWN, pl.concat(below_zero))
    draft.replace(BALANCE_TOTALS, totals)
    return {(kind, asset): int(fen) for kind, asset, fen in totals.iter_rows()}


def _changes(number: int, first: date, base: Draft, draft: Draft) -> pl.DataFrame:
    """What one bucket's balances gain: the ledger of `draft` from `first` on, less that of `base`."""
    low = first.isoformat()
    wanted = {"bucket": lambda value: value == str(number), "business_date": lambda day: day >= low}
    rows = pl.concat([posted_balances(side.scan(LEDGER, **wanted), sign) for side, sign in ((draft, 1), (base, -1))])
    files = [(side, file) for side in (draft, base) for file in select(side.files(LEDGER), **wanted)]
    return pl.concat([net_balances(part).collect() for part in _by_holder(rows, _cuts(files))])


def _cuts(files: Sequence[tuple[Draft, DataFile]]) -> list[int]:
    """Where to cut the holders of ledger files, in order, so that a piece has about ROWS_SUMMED rows."""
    pieces = -(-sum(file.rows for _, file in files) // ROWS_SUMMED)
    if pieces <= 1:
        return []
    # The file with the most rows tells.
    side, largest = max(files, key=lambda found: found[1].rows)
    holders = side.scan_files(LEDGER, [largest]).select(pl.col("holder_id").sort()).collect().to_series()
    return sorted({int(holders[len(holders) * n // pieces]) for n in range(1, pieces)})


def _by_holder(rows: pl.LazyFrame, cuts: Sequence[int]) -> Iterator[pl.LazyFrame]:
    """Files are sorted by holder: a piece reads little more of each than its own rows."""
    for begin, end in pairwise([None, *cuts, None]):
        piece = rows if begin is None else rows.filter(pl.col("holder_id") >= begin)
        yield piece if end is None else piece.filter(pl.col("holder_id") < end)


def _merge(number: int, draft: Draft) -> None:
    """Make one file of all, or of all but the largest, where they have become many."""
    files = sorted(select(draft.files(BALANCES), bucket=lambda value: value == str(number)), key=lambda f: f.rows)
    changes = files[:-1]
    if sum(f.rows for f in changes) > files[-1].rows if files else False:
        _rewrite(files, draft)
    elif len(changes) > FILES_OF_CHANGES:
        _rewrite(changes, draft)


def _rewrite(files: list[DataFile], draft: Draft) -> None:
    merged = net_balances(draft.scan_files(BALANCES, files)).collect()
    gone = set(files)
    draft.keep_files(BALANCES, [f for f in draft.files(BALANCES) if f not in gone])
    draft.append(BALANCES, merged)
