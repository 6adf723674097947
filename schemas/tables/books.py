"""Tables of the books: ledger, balances, journal, solvency, controls."""

from typing import Final

import polars as pl

from schemas.tables.model import ID, LONG_SUM, Table
from schemas.units import FEN

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
    key=("holder_kind", "holder_id", "business_date", "asset", "kind", "pool", "value_date", "origin"),
    partition=("bucket",),
    dated=True,
)

CORRECTIONS: Final = Table(
    "corrections",  # of restated days: the ledger as it should have been; what was posted stays in `ledger`
    dict(LEDGER.schema),
    key=LEDGER.key,
    partition=LEDGER.partition,
    dated=True,
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
    "overdrawn",  # voucher, coin and cash balances below zero; `since`: the business date on which each last fell so
    {**BALANCES.schema, "since": pl.Date},
    key=BALANCES.key,
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
