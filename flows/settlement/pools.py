"""Pools of a block of days: inflows, events, and at each event day clawbacks first, then payments in pool order.

Events are known from inflows alone; what they pay depends on what was paid before, so they are paid one by one.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

import polars as pl

from flows.settlement.clawbacks import book_clawbacks
from flows.settlement.inputs import Inputs
from flows.settlement.payments import pay_event
from flows.settlement.pool_book import PoolBook
from lake.draft import Draft
from schemas.tables import POOL_DAYS
from transforms.changes import closed_changes
from transforms.membership import inflows
from transforms.pools import ONE_DAY, PoolDay, pool_days


def settle_pools(days: Sequence[date], transactions: pl.DataFrame, inputs: Inputs, draft: Draft) -> dict[date, int]:
    """Settle the pools of `days`; `transactions` are the block's, already in the draft.

    Returns net dividends (fen) by business date. Writes pool_days, pool_events, cohorts, cohort_rates, positions,
    position_changes and ledger rows into the draft.
    """
    walked = _walk(days, transactions, inputs, draft)
    _write_days(walked, draft)
    book = PoolBook.read(draft, transactions, inputs.rulebook)
    events = [day.event for day in walked if day.event is not None]
    changes = closed_changes(transactions, book.cutoffs_with(events), inputs.buckets)
    since = days[0]
    for cutoff, todays in groupby(events, key=lambda event: event.cutoff_date):
        book_clawbacks(_between(changes, since, cutoff), book, draft, inputs.buckets)
        for event in todays:
            pay_event(event, book, inputs, draft)
        since = cutoff + ONE_DAY
    book_clawbacks(_between(changes, since, days[-1]), book, draft, inputs.buckets)
    book.write(draft)
    return book.dividends


def _walk(
    days: Sequence[date], transactions: pl.DataFrame, inputs: Inputs, draft: Draft
) -> list[PoolDay]:
    flows = {(pool, day): int(fen) for pool, day, fen in inflows(transactions.lazy()).collect().iter_rows()}
    return list(pool_days(PoolBook.states(draft), flows, days, inputs.rulebook))


def _write_days(walked: Sequence[PoolDay], draft: Draft) -> None:
    rows = [(day.pool.name, day.business_date, day.inflow_fen, day.value_fen) for day in walked]
    draft.extend(POOL_DAYS, pl.DataFrame(rows, schema=POOL_DAYS.schema, orient="row"))


def _between(changes: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    return changes.filter(pl.col("business_date").is_between(first, last))

