"""The tables of the lake: columns, units, keys, partitions. What a column means stands here and nowhere else.

`_fen` columns are hundredths, `_pico` columns are 10^-12 (see `units`). Every file is sorted by its table's `key`,
those of many holders by holder and then by day: a holder's month lies together.
"""

from typing import Final

from schemas.tables.books import (
    BALANCE_TOTALS,
    BALANCES,
    CONTROLS,
    CORRECTIONS,
    JOURNAL,
    JOURNAL_DUE,
    JOURNAL_RESTATEMENTS,
    LEDGER,
    OVERDRAWN,
    SOLVENCY,
)
from schemas.tables.model import BUSINESS_DATE, ID, LONG_SUM, Table
from schemas.tables.months import AGENT_MONTHS, PROMOTER_MONTHS
from schemas.tables.pools import (
    COHORT_CHANGES,
    COHORT_RATES,
    COHORTS,
    POOL_DAYS,
    POOL_EVENTS,
    POSITION_CHANGES,
    POSITIONS,
)
from schemas.tables.restatements import RESTATED_DAYS, RESTATED_SALES, RESTATEMENTS
from schemas.tables.rows import DAYS, MOVEMENTS, QUARANTINE, REFUNDS, RULEBOOKS, TRANSACTIONS

__all__ = [
    "AGENT_MONTHS",
    "BALANCES",
    "BALANCE_TOTALS",
    "BUSINESS_DATE",
    "COHORTS",
    "COHORT_CHANGES",
    "COHORT_RATES",
    "CONTROLS",
    "CORRECTIONS",
    "DAYS",
    "ID",
    "JOURNAL",
    "JOURNAL_DUE",
    "JOURNAL_RESTATEMENTS",
    "LEDGER",
    "LONG_SUM",
    "MOVEMENTS",
    "OVERDRAWN",
    "POOL_DAYS",
    "POOL_EVENTS",
    "POSITIONS",
    "POSITION_CHANGES",
    "PROMOTER_MONTHS",
    "QUARANTINE",
    "REFUNDS",
    "RESTATED_DAYS",
    "RESTATED_SALES",
    "RESTATEMENTS",
    "RULEBOOKS",
    "SOLVENCY",
    "TABLES",
    "TRANSACTIONS",
    "Table",
]

TABLES: Final = {
    table.name: table
    for table in (
        TRANSACTIONS,
        REFUNDS,
        MOVEMENTS,
        QUARANTINE,
        LEDGER,
        CORRECTIONS,
        POSITIONS,
        POSITION_CHANGES,
        COHORTS,
        POOL_DAYS,
        POOL_EVENTS,
        COHORT_RATES,
        COHORT_CHANGES,
        JOURNAL,
        JOURNAL_DUE,
        JOURNAL_RESTATEMENTS,
        SOLVENCY,
        CONTROLS,
        DAYS,
        BALANCES,
        BALANCE_TOTALS,
        OVERDRAWN,
        PROMOTER_MONTHS,
        AGENT_MONTHS,
        RULEBOOKS,
        RESTATED_DAYS,
        RESTATEMENTS,
        RESTATED_SALES,
    )
}
