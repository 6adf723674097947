"""Tables that a recomputation has to agree with (SPEC 14): what should be history, and what was posted."""

from typing import Final

from schemas.tables import (
    AGENT_MONTHS,
    BALANCE_TOTALS,
    COHORT_CHANGES,
    COHORT_RATES,
    COHORTS,
    DAYS,
    JOURNAL,
    JOURNAL_DUE,
    JOURNAL_RESTATEMENTS,
    MOVEMENTS,
    OVERDRAWN,
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
from transforms.corrections.comparison import without

OF_THE_RUN: Final = ("run_id", "restated", "accepted", "reference_fingerprint", "rulebook_fingerprint")
"""Columns of `days` that tell how a day was settled, not what came of it."""
CORRECTED: Final = (
    without(DAYS, OF_THE_RUN),
    TRANSACTIONS,
    REFUNDS,
    MOVEMENTS,
    QUARANTINE,
    POOL_DAYS,
    POOL_EVENTS,
    COHORTS,
    COHORT_RATES,
    COHORT_CHANGES,
    POSITIONS,
    POSITION_CHANGES,
    PROMOTER_MONTHS,
    AGENT_MONTHS,
    BALANCE_TOTALS,
    OVERDRAWN,
    JOURNAL_DUE,
)
"""Tables that hold history as it should be, whatever was restated."""
POSTED: Final = (JOURNAL, JOURNAL_RESTATEMENTS, SOLVENCY)
"""Tables that hold what was posted; so does the ledger. `controls` and `rulebooks` are the runs' own history: nothing
to recompute."""
