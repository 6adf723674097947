"""Closed days that a recomputation would rewrite without moving a posting (SPEC 14): those too need `--restate`.

Another txn_id, another reason of quarantine, another level next month: the ledger stays as it is, the day does not.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import polars as pl

from flows.settlement.plan import Span
from lake.draft.draft import Draft
from lake.tables.side_by_side import slices
from schemas.tables import (
    AGENT_MONTHS,
    MOVEMENTS,
    POOL_DAYS,
    POOL_EVENTS,
    PROMOTER_MONTHS,
    QUARANTINE,
    TRANSACTIONS,
    Table,
)
from transforms.corrections.comparison import differing

BOOKED: Final = (TRANSACTIONS, MOVEMENTS, QUARANTINE)
PLACE: Final = ("file", "position")
"""In which file of the day a bad row stood is no part of the books."""
DATED: Final = ((POOL_DAYS, "business_date"), (POOL_EVENTS, "cutoff_date"))
MONTHLY: Final = (PROMOTER_MONTHS, AGENT_MONTHS)
ROWS_COMPARED: Final = 500_000
"""Rows of a table that are compared at once, about; no result depends on it."""


def rewritten_days(span: Span, base: Draft, draft: Draft) -> list[date]:
    """The closed days of `span` of which `draft` has other rows than `base`; of a month, its last day. Ascending."""
    closed = [day for day in span.days if day <= draft.closed_through]
    if not closed:
        return []
    days = {day for table in BOOKED for day in _booked_otherwise(table, closed, base, draft)}
    for table, column in DATED:
        days |= set(differing(base.small(table), draft.small(table))[column])
    for table in MONTHLY:
        rows = differing(*(side.scan(table).collect() for side in (base, draft)))
        days |= set(rows.select(pl.col("month").dt.month_end())["month"])
    return sorted(days.intersection(closed))


def _booked_otherwise(table: Table, closed: Sequence[date], base: Draft, draft: Draft) -> Iterator[date]:
    draft.flush(table)
    columns = [name for name in table.schema if name not in PLACE]
    names = frozenset(day.isoformat() for day in closed)
    for part in slices(base.files(table), draft.files(table), ROWS_COMPARED, names.__contains__):
        stored = base.scan_files(table, part.left, part.days)
        recomputed = draft.scan_files(table, part.right, part.days)
        differences = differing(stored.select(columns).collect(), recomputed.select(columns).collect())
        yield from differences["business_date"].unique()
