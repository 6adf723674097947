"""Where postings go: into the ledger, or, of a closed day, beside it (SPEC 14): what was posted on it stands."""

from datetime import date

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import CORRECTIONS, DAYS, LEDGER
from transforms.books.ledger import SETTLEMENT


def post(rows: pl.DataFrame, draft: Draft) -> None:
    """Gather ledger rows of any days."""
    closed = pl.col("business_date") <= draft.closed_through
    draft.gather(LEDGER, rows.filter(~closed))
    draft.gather(CORRECTIONS, rows.filter(closed))


def due(draft: Draft, first: date, last: date, restated: frozenset[date]) -> pl.LazyFrame:
    """The ledger of first..last as it should be: of `restated` days the corrections, of others what was posted."""
    posted = draft.between(LEDGER, first, last).filter(pl.col("origin") == SETTLEMENT)
    if not restated:
        return posted
    days = {day.isoformat() for day in restated if first <= day <= last}
    corrected = draft.scan(CORRECTIONS, business_date=lambda day: day in days)
    return pl.concat([posted.filter(~pl.col("business_date").is_in(list(restated))), corrected])


def restated_days(draft: Draft) -> frozenset[date]:
    """Closed days that were recomputed since."""
    return frozenset(draft.small(DAYS).filter("restated")["business_date"])
