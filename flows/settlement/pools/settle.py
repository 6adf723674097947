"""Pools of a block of days: inflows, events, and at each event day clawbacks first, then payments in pool order.

Events are known from inflows alone; what they pay depends on what was paid before, so they are paid one by one.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.pools.book import PoolBook
from flows.settlement.pools.clawbacks import book_clawbacks
from flows.settlement.pools.pay import pay_event
from flows.settlement.pools.states import pool_states
from lake.draft.draft import Draft
from transforms.pools.events import PoolDay, pool_days
from transforms.pools.lots import closed_changes, cohort_points, open_flows
from transforms.pools.membership import inflows


def settle_pools(days: Sequence[date], transactions: pl.DataFrame, inputs: Inputs, draft: Draft) -> PoolBook:
    """Settle the pools of `days`; `transactions` are the block's, `condensed`.

    Writes the pools' tables and ledger rows into the draft; returns the book, with dividends by day and controls.
    """
    walked = _walk(days, transactions, inputs, draft)
    book = PoolBook.read(draft, inputs.rulebook, transactions)
    events = [day.event for day in walked if day.event is not None]
    points = cohort_points(transactions, book.cutoffs_with(events))
    changes = closed_changes(points, inputs.buckets)
    book.opened = {(pool, day): int(fen) for pool, day, fen in open_flows(points).iter_rows()}
    for segment in _segments(walked):
        _settle_segment(segment, changes, book, inputs, draft)
    book.rows.write(draft)
    return book


def _walk(days: Sequence[date], transactions: pl.DataFrame, inputs: Inputs, draft: Draft) -> list[PoolDay]:
    flows = {(pool, day): int(fen) for pool, day, fen in inflows(transactions.lazy()).collect().iter_rows()}
    return list(pool_days(pool_states(draft), flows, days, inputs.rulebook))


def _segments(walked: Sequence[PoolDay]) -> Iterator[list[list[PoolDay]]]:
    """Days with their pools, cut after every day with an event: within a segment no rate moves before its end."""
    segment: list[list[PoolDay]] = []
    for _, pools in groupby(walked, key=lambda day: day.business_date):
        today = list(pools)
        segment.append(today)
        if any(pool.event for pool in today):
            yield segment
            segment = []
    if segment:
        yield segment


def _settle_segment(
    segment: Sequence[Sequence[PoolDay]], changes: pl.DataFrame, book: PoolBook, inputs: Inputs, draft: Draft
) -> None:
    first, last = segment[0][0].business_date, segment[-1][0].business_date
    of_segment = changes.filter(pl.col("business_date").is_between(first, last))
    book_clawbacks(of_segment, book, draft, inputs.buckets)
    for today in segment:
        for pool in today:
            book.flow(pool)
        for pool in today:
            if pool.event is not None:
                pay_event(pool.event, book, inputs, draft)
        ceiling = inputs.rulebook.on(today[0].business_date).dividend.ceiling
        for pool in today:
            book.end_day(pool, ceiling)
