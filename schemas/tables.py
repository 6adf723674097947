"""The tables of the lake: columns, units, keys, partitions. What a column means stands here and nowhere else.

`_fen` columns are hundredths, `_pico` columns are 10^-12 (see `units`). Every table is sorted by its `key`.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from schemas.units import FEN, MOMENT, RATE

ID: Final = pl.Int64
LONG_SUM: Final = pl.Decimal(38, 0)
"""Sums of amounts as they came: refused rows may carry any number, and no sum of them may fail."""


@dataclass(frozen=True)
class Table:
    """One table: `schema` in column order, `key` (unique, and the sort order of files), `partition` of its files.

    `optional` columns may be null; every other column may not.
    """

    name: str
    schema: dict[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    partition: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def types(self) -> pl.Schema:
        """The columns' types, for casts."""
        return pl.Schema(self.schema)

    def empty(self) -> pl.DataFrame:
        """No rows, all columns."""
        return pl.DataFrame(schema=self.schema)


TRANSACTIONS: Final = Table(
    "transactions",
    {
        "business_date": pl.Date,  # the day that booked it
        "bucket": pl.Int32,  # of the member
        "txn_id": pl.String,
        "kind": pl.String,  # purchase | refund
        "occurred_at": MOMENT,
        "member_id": ID,
        "merchant_id": ID,
        "amount_fen": FEN,  # positive for both kinds
        "voucher_fen": FEN,
        "concession_rate_pico": RATE,  # the rate applied; of a refund, its purchase's
        "original_txn_id": pl.String,
        "original_date": pl.Date,
        "channel": pl.String,
        "purchased_at": MOMENT,  # whose moment chooses the earning rules: its own, or of a refund its purchase's
        "lot_date": pl.Date,
        "concession_fen": FEN,  # of a refund: never positive, like points and coins
        "points_fen": FEN,
        "member_coins_fen": FEN,
        "merchant_coins_fen": FEN,
        "bound_merchant_id": ID,
        "referrer_id": ID,
        "promoter_id": ID,
        "region_code": pl.String,
        "member_pool": pl.String,
        "merchant_pool": pl.String,
        "is_late": pl.Boolean,
    },
    key=("business_date", "member_id", "txn_id"),
    partition=("business_date", "bucket"),
    optional=frozenset({"original_txn_id", "original_date", "bound_merchant_id", "referrer_id", "promoter_id"}),
)

REFUNDS: Final = Table(
    "refunds",  # what the refunds of a purchase have taken, kept small for the next refund of it
    {
        "business_date": pl.Date,
        "original_date": pl.Date,
        "original_txn_id": pl.String,
        "amount_fen": FEN,
        "voucher_fen": FEN,
    },
    key=("original_date", "original_txn_id"),
    partition=("business_date",),
)

MOVEMENTS: Final = Table(
    "movements",  # booked rows of the optional feeds
    {
        "business_date": pl.Date,
        "feed": pl.String,  # coin_redemptions | payouts
        "id": pl.String,
        "occurred_at": MOMENT,
        "holder_kind": pl.String,
        "holder_id": ID,
        "asset": pl.String,  # coins | cash | voucher
        "amount_fen": FEN,  # positive
    },
    key=("business_date", "feed", "id"),
    partition=("business_date",),
)

QUARANTINE: Final = Table(
    "quarantine",
    {
        "business_date": pl.Date,
        "feed": pl.String,
        "id": pl.String,
        "reason": pl.String,
        "raw": pl.String,  # the row as it came, a JSON object of its cells; a torn row as its text
        "file": pl.String,
        "position": pl.Int64,
        "amount_fen": FEN,  # where it can be read
    },
    key=("business_date", "feed", "file", "position"),
    partition=("business_date",),
    optional=frozenset({"id", "raw", "amount_fen"}),
)

LEDGER: Final = Table(
    "ledger",
    {
        "business_date": pl.Date,
        "bucket": pl.Int32,  # of the holder
        "value_date": pl.Date,
        "holder_kind": pl.String,
        "holder_id": ID,
        "asset": pl.String,
        "kind": pl.String,
        "pool": pl.String,  # empty where the kind has none
        "origin": pl.String,
        "amount_fen": FEN,
    },
    key=("business_date", "holder_kind", "holder_id", "asset", "kind", "pool", "value_date", "origin"),
    partition=("business_date", "bucket"),
)

CORRECTIONS: Final = Table(
    "corrections",  # of restated days: the ledger as it should have been; what was posted stays in `ledger`
    dict(LEDGER.schema),
    key=LEDGER.key,
    partition=LEDGER.partition,
)

POSITIONS: Final = Table(
    "positions",  # points per holder of a cohort, as it closed; never rewritten
    {
        "pool": pl.String,
        "cohort_no": pl.Int32,
        "bucket": pl.Int32,  # of the holder
        "holder_id": ID,
        "points_fen": FEN,
    },
    key=("pool", "cohort_no", "holder_id"),
    partition=("pool", "cohort_no", "bucket"),
)

POSITION_CHANGES: Final = Table(
    "position_changes",  # what refunds took from closed cohorts
    {
        "business_date": pl.Date,
        "pool": pl.String,
        "cohort_no": pl.Int32,
        "bucket": pl.Int32,
        "holder_id": ID,
        "points_fen": FEN,  # negative
    },
    key=("business_date", "pool", "cohort_no", "holder_id"),
    partition=("business_date", "bucket"),
)

COHORTS: Final = Table(
    "cohorts",
    {
        "pool": pl.String,
        "cohort_no": pl.Int32,
        "cutoff_date": pl.Date,
        "first_rate_pico": RATE,
        "ceiling_pico": RATE,
        "max_payouts": pl.Int32,
        "points_fen": FEN,  # of all holders, as it closed
    },
    key=("pool", "cohort_no"),
)

POOL_DAYS: Final = Table(
    "pool_days",
    {
        "pool": pl.String,
        "business_date": pl.Date,
        "inflow_fen": FEN,
        "value_fen": FEN,
        "open_fen": FEN,  # of the value, what is in no closed cohort yet
        "remaining_fen": FEN,  # what holders can still get under the ceilings
    },
    key=("pool", "business_date"),
)

POOL_EVENTS: Final = Table(
    "pool_events",
    {
        "pool": pl.String,
        "event_no": pl.Int32,
        "cutoff_date": pl.Date,
        "value_date": pl.Date,
        "trigger": pl.String,  # launch | growth | deadline
        "baseline_fen": FEN,  # before the event; the launch's: the launch threshold
        "next_baseline_fen": FEN,
        "value_fen": FEN,
        "growth_pico": RATE,
        "holders": pl.Int64,
        "amount_fen": FEN,
        "shortfall_fen": FEN,
    },
    key=("pool", "event_no"),
)

COHORT_RATES: Final = Table(
    "cohort_rates",
    {
        "pool": pl.String,
        "cohort_no": pl.Int32,
        "event_no": pl.Int32,
        "payout_no": pl.Int32,
        "rate_pico": RATE,  # as if paid in full
        "cumulative_pico": RATE,  # as paid
        "entitled_fen": FEN,  # sum over holders of trunc(points x cumulative)
    },
    key=("pool", "cohort_no", "event_no"),
)

COHORT_CHANGES: Final = Table(
    "cohort_changes",  # what refunds took from closed cohorts, all holders together
    {
        "business_date": pl.Date,
        "pool": pl.String,
        "cohort_no": pl.Int32,
        "points_fen": FEN,  # negative
        "clawback_fen": FEN,  # never positive
    },
    key=("business_date", "pool", "cohort_no"),
)

JOURNAL: Final = Table(
    "journal",
    {
        "business_date": pl.Date,
        "value_date": pl.Date,
        "kind": pl.String,
        "account": pl.String,
        "debit_fen": FEN,
        "credit_fen": FEN,
    },
    key=("business_date", "value_date", "kind", "account"),
)

JOURNAL_RESTATEMENTS: Final = Table(
    "journal_restatements",  # entries of restatements, on the day they were booked; part of that day's journal
    dict(JOURNAL.schema),
    key=JOURNAL.key,
)

JOURNAL_DUE: Final = Table(
    "journal_due",  # the journal as it should have been; the same as `journal` unless closed days were restated
    dict(JOURNAL.schema),
    key=JOURNAL.key,
)

SOLVENCY: Final = Table(
    "solvency",
    {
        "business_date": pl.Date,
        "fund_fen": FEN,
        "liability_fen": FEN,  # outstanding vouchers
        "remaining_fen": FEN,
        "coverage_e4": pl.Int64,  # in 10^-4; null if nothing is outstanding
    },
    key=("business_date",),
    optional=frozenset({"coverage_e4"}),
)

CONTROLS: Final = Table(
    "controls",  # what each run proved before it was committed
    {
        "run_id": pl.String,
        "business_date": pl.Date,
        "name": pl.String,
        "expected_fen": LONG_SUM,  # counts too are in hundredths
        "actual_fen": LONG_SUM,
        "passed": pl.Boolean,
    },
    key=("run_id", "business_date", "name"),
)

DAYS: Final = Table(
    "days",  # a row per settled day: its counts, its sums, and what it was made from
    {
        "business_date": pl.Date,
        "rows_in": pl.Int64,
        "rows_booked": pl.Int64,
        "rows_quarantined": pl.Int64,
        "amount_in_fen": LONG_SUM,
        "amount_booked_fen": LONG_SUM,
        "amount_quarantined_fen": LONG_SUM,
        "concession_fen": FEN,  # net of refunds
        "dividend_fen": FEN,  # net of clawbacks
        "input_fingerprint": pl.String,
        "reference_fingerprint": pl.String,
        "rulebook_fingerprint": pl.String,
        "accepted": pl.Boolean,  # the operator accepted its quarantine
        "restated": pl.Boolean,  # closed and recomputed since: its ledger as it should be is in `corrections`
        "run_id": pl.String,
    },
    key=("business_date",),
)

BALANCES: Final = Table(
    "balances",  # what runs have added to each holder's asset: the balance is the sum of its rows
    {
        "bucket": pl.Int32,
        "holder_kind": pl.String,
        "holder_id": ID,
        "asset": pl.String,
        "balance_fen": FEN,
    },
    key=("holder_kind", "holder_id", "asset"),
    partition=("bucket",),
)

BALANCE_TOTALS: Final = Table(
    "balance_totals",  # the sums of all balances
    {
        "holder_kind": pl.String,
        "asset": pl.String,
        "balance_fen": LONG_SUM,
    },
    key=("holder_kind", "asset"),
)

OVERDRAWN: Final = Table(
    "overdrawn",  # voucher and coin balances below zero
    dict(BALANCES.schema),
    key=BALANCES.key,
)

PROMOTER_MONTHS: Final = Table(
    "promoter_months",  # a row per promoter taking part
    {
        "month": pl.Date,  # its first day
        "promoter_id": ID,
        "level": pl.String,
        "performance_fen": FEN,
        "commission_fen": FEN,
        "mentoring_fen": FEN,  # shares of its own mentees, and rests of its mentees' mentees
        "mentoring_unallocated_fen": FEN,  # rests of its own mentees that nobody above could get
        "fixed_subsidy_fen": FEN,
        "bonus_subsidy_fen": FEN,
        "next_level": pl.String,  # next month's
        "promotion_streak": pl.Int32,  # months in a row, this one included, good for promotion; 0 on a change
        "miss_streak": pl.Int32,  # likewise, under the assessment
    },
    key=("month", "promoter_id"),
    partition=("month",),
)

AGENT_MONTHS: Final = Table(
    "agent_months",  # a row per prefix in force on the month's last day
    {
        "month": pl.Date,  # its first day
        "agent_id": ID,
        "region_prefix": pl.String,
        "concession_fen": FEN,  # of the region, net of refunds
        "amount_fen": FEN,  # the agent's and its partners' together
        "partner_fen": FEN,  # the partners' part of it
    },
    key=("month", "agent_id", "region_prefix"),
    partition=("month",),
)

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
    )
}
