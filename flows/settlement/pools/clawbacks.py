"""Clawbacks of the days between two events: refunds of closed cohorts take back dividends and points (SPEC 6)."""

import polars as pl

from flows.settlement.pools.book import PoolBook
from flows.settlement.pools.positions import Positions
from flows.settlement.posting import post
from lake.draft.draft import Draft
from schemas.tables import POSITION_CHANGES
from transforms.books.ledger import posted
from transforms.pools.dividends import clawbacks


def book_clawbacks(changes: pl.DataFrame, book: PoolBook, draft: Draft, buckets: int) -> None:
    """Post what `changes` (rows of position_changes, no event of any pool between them) take back, and keep them."""
    for (pool,), of_pool in changes.group_by("pool", maintain_order=True):
        parts = [
            _taken(part, str(pool), int(str(number)), book, draft)
            for (number,), part in of_pool.group_by("bucket", maintain_order=True)
        ]
        _book(pl.concat(parts), str(pool), book, draft, buckets)
    draft.append(POSITION_CHANGES, changes)


def _taken(part: pl.DataFrame, pool: str, number: int, book: PoolBook, draft: Draft) -> pl.DataFrame:
    positions = Positions(draft, pool, number)
    before = pl.collect_all(
        [
            positions.of(int(str(cohort_no)), of_cohort["holder_id"].unique())
            for (cohort_no,), of_cohort in part.group_by("cohort_no", maintain_order=True)
        ]
    )
    return clawbacks(part, pl.concat(before), book.rates(pool))


def _book(taken: pl.DataFrame, pool: str, book: PoolBook, draft: Draft, buckets: int) -> None:
    for name, asset in (("dividend_clawback", "voucher"), ("points_retired", "points")):
        sums = taken.group_by("business_date", "holder_id").agg(amount_fen=pl.col(name).sum())
        post(posted(sums, book.holder_kinds[pool], asset, name, buckets, pool=pool), draft)
    per_cohort = taken.group_by("business_date", "cohort_no").agg(
        pl.col("points_fen").sum(), pl.col("dividend_clawback").sum()
    )
    for day, cohort_no, points, clawback in per_cohort.sort("business_date", "cohort_no").iter_rows():
        book.rows.add_change(day, pool, cohort_no, points, clawback)
        book.dividends[day] += clawback
