"""Clawbacks of the days between two events: refunds of closed cohorts take back dividends and points (SPEC 6)."""

import polars as pl

from flows.settlement.payments import positions
from flows.settlement.pool_book import PoolBook
from lake.draft import Draft
from schemas.tables import LEDGER, POSITION_CHANGES
from transforms.dividends import clawbacks
from transforms.ledger import posted


def book_clawbacks(changes: pl.DataFrame, book: PoolBook, draft: Draft, buckets: int) -> None:
    """Post what `changes` (rows of position_changes, no event of any pool between them) take back, and keep them."""
    for (pool,), of_pool in changes.group_by("pool", maintain_order=True):
        for (number,), part in of_pool.group_by("bucket", maintain_order=True):
            _book(part, str(pool), int(str(number)), book, draft, buckets)
        for cohort_no, fen in of_pool.select("cohort_no", "points_fen").iter_rows():
            book.points[str(pool)][cohort_no] += fen
    draft.append(POSITION_CHANGES, changes)


def _book(part: pl.DataFrame, pool: str, number: int, book: PoolBook, draft: Draft, buckets: int) -> None:
    touched = {str(cohort) for cohort in part["cohort_no"].unique()}
    holders = part.lazy().select("holder_id").unique()
    before = positions(draft, pool, touched, number).join(holders, on="holder_id", how="semi").collect()
    taken = clawbacks(part, before, book.rates(pool))
    kind = book.holder_kinds[pool]
    for name, asset in (("dividend_clawback", "voucher"), ("points_retired", "points")):
        sums = taken.select("business_date", "holder_id", amount_fen=name)
        draft.append(LEDGER, posted(sums, kind, asset, name, buckets, pool=pool))
    for day, fen in taken.group_by("business_date").agg(pl.col("dividend_clawback").sum()).iter_rows():
        book.add_dividends(day, fen)
