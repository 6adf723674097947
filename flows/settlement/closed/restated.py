"""The record of a restatement (SPEC 14): which closed days it has corrected, and what of them has moved.

The ledger shows a restatement as sums on the day that booked it. Whoever sets a closed month's posted figures beside
its corrected ones has to know of which days those sums are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from flows.settlement.closed.restate import ClosedChange
from flows.settlement.closed.rewritten import rewritten_days
from flows.settlement.plan import Span
from flows.settlement.posting import due, restated_days
from lake.draft.draft import Draft
from lake.runs.run import CLOSE, Run
from lake.tables.store import Store
from schemas.tables import RESTATED_DAYS, RESTATED_SALES, RESTATEMENTS, TRANSACTIONS
from schemas.units import FEN
from transforms.corrections.restated_sales import sales_change
from transforms.corrections.restatement import changed_rows
from transforms.exact.buckets import bucket


@dataclass(frozen=True)
class _Booking:
    """The run that booked a restatement, and on which day."""

    run_id: str
    day: date

    def rows(self, found: pl.DataFrame) -> pl.DataFrame:
        """Rows of closed days as the tables of restatements have them."""
        days = found.rename({"business_date": "restated_date"})
        return days.with_columns(run_id=pl.lit(self.run_id), business_date=pl.lit(self.day))


def record_restatement(span: Span, change: ClosedChange, buckets: int, base: Draft, draft: Draft) -> None:
    """Add what a restating run has found to the tables of restatements; nothing if no closed day is another one."""
    days = {*change.rows["business_date"], *rewritten_days(span, base, draft)}
    sales = _sales(days, buckets, base, draft)
    _add(_Booking(draft.run_id, span.last), days, change.rows, sales, draft)


def recover_restatements(runs: Sequence[Run], store: Store, draft: Draft) -> None:
    """Add to an empty record what `runs`, all of a lake, oldest first, have restated without recording it: their
    versions of the tables say it, which stay readable. Days on which neither amount nor sale moved are not found."""
    for base, run in pairwise(runs):
        if base.closed_through is None or run.kind == CLOSE or run.first_date > base.closed_through:
            continue
        last = min(base.closed_through, run.last_date)
        before, after = (Draft(store, each.versions, each.run_id, base.closed_through) for each in (base, run))
        dues = (due(side, run.first_date, last, restated_days(side)) for side in (before, after))
        moved = changed_rows(*dues).collect()
        closed = {*Span(run.first_date, last, rewound=True).days}
        sales = _sales(closed, run.buckets, before, after)
        days = {*moved["business_date"], *sales["business_date"]}
        _add(_Booking(run.run_id, run.last_date), days, moved, sales, draft)


def _add(booking: _Booking, days: set[date], moved: pl.DataFrame, sales: pl.DataFrame, draft: Draft) -> None:
    if not days:
        return
    listed = pl.DataFrame({"business_date": sorted(days)}, schema={"business_date": pl.Date})
    draft.extend(RESTATED_DAYS, booking.rows(listed))
    amounts = moved.with_columns(pl.col("before_fen", "after_fen").cast(FEN))
    draft.append(RESTATEMENTS, booking.rows(amounts))
    draft.append(RESTATED_SALES, booking.rows(sales))


def _sales(days: set[date], buckets: int, base: Draft, draft: Draft) -> pl.DataFrame:
    names = frozenset(day.isoformat() for day in days)
    before, after = (side.scan(TRANSACTIONS, business_date=names.__contains__) for side in (base, draft))
    change = sales_change(before, after)
    return change.with_columns(bucket=bucket(pl.col("merchant_id"), buckets)).collect()
