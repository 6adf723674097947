"""Back to the state before a day: everything that later days wrote is left out of the draft (SPEC 14)."""

from collections import defaultdict
from datetime import date
from typing import Final

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import (
    AGENT_MONTHS,
    COHORT_CHANGES,
    COHORT_RATES,
    COHORTS,
    CORRECTIONS,
    DAYS,
    JOURNAL,
    JOURNAL_DUE,
    LEDGER,
    MOVEMENTS,
    POOL_DAYS,
    POOL_EVENTS,
    POSITION_CHANGES,
    POSITIONS,
    PROMOTER_MONTHS,
    QUARANTINE,
    REFUNDS,
    SOLVENCY,
    TRANSACTIONS,
)
from schemas.units import ONE_DAY

BY_DAY: Final = (TRANSACTIONS, REFUNDS, MOVEMENTS, QUARANTINE, CORRECTIONS, POSITION_CHANGES)
SMALL: Final = (DAYS, POOL_DAYS, COHORT_CHANGES, JOURNAL_DUE)
POSTED: Final = (JOURNAL, SOLVENCY)
"""Like the ledger, these say what was posted when: of closed days they stand."""


def rewind(draft: Draft, first: date) -> None:
    """Leave out all that was settled on `first` or later, but for what was posted on closed days.

    Balances are the caller's: they are sums. Restatements on open days are the caller's too.
    """
    low, closed = first.isoformat(), draft.closed_through.isoformat()
    draft.keep(LEDGER, business_date=lambda day: day < low or day <= closed)
    for table in BY_DAY:
        draft.keep(table, business_date=lambda day: day < low)
    month = first.replace(day=1).isoformat()
    for table in (PROMOTER_MONTHS, AGENT_MONTHS):
        # A month is settled on its last day, so the month of `first` was not settled before it.
        draft.keep(table, month=lambda settled: settled < month)
    for table in SMALL:
        draft.replace(table, draft.small(table).filter(pl.col("business_date") < first))
    for table in POSTED:
        open_from = max(first, draft.closed_through + ONE_DAY)
        draft.replace(table, draft.small(table).filter(pl.col("business_date") < open_from))
    for table in (POOL_EVENTS, COHORTS):
        draft.replace(table, draft.small(table).filter(pl.col("cutoff_date") < first))
    _rewind_cohorts(draft)


def _rewind_cohorts(draft: Draft) -> None:
    """Rates and positions of the events that remain: event k closes cohort k."""
    events = draft.small(POOL_EVENTS).select("pool", "event_no")
    rates = draft.small(COHORT_RATES)
    draft.replace(COHORT_RATES, rates.join(events, on=["pool", "event_no"], how="semi"))
    last: defaultdict[str, int] = defaultdict(int)
    for pool, event_no in events.iter_rows():
        last[pool] = max(last[pool], event_no)
    kept = [f for f in draft.files(POSITIONS) if int(f.partition["cohort_no"]) <= last[f.partition["pool"]]]
    draft.keep_files(POSITIONS, kept)
