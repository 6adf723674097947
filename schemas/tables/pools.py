"""Tables of the pools: their days and events, cohorts and their rates, who holds what."""

from typing import Final

import polars as pl

from schemas.tables.model import ID, Table
from schemas.units import FEN, RATE

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
    key=("pool", "cohort_no", "holder_id", "business_date"),
    partition=("bucket",),
    dated=True,
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
