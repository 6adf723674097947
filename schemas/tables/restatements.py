"""What restatements changed about closed days (SPEC 14), as the runs that booked them found it: rows are only added.

The ledger has a restatement as sums on the day that booked it; here stands of which days they are. `business_date` is
the day that booked it, `restated_date` the closed day that it corrects, as in the warehouse.
"""

from typing import Final

import polars as pl

from schemas.tables.model import ID, Table
from schemas.units import FEN

_BOOKED: Final = {
    "run_id": pl.String,
    "business_date": pl.Date,
    "restated_date": pl.Date,
}

RESTATED_DAYS: Final = Table(
    "restated_days",  # closed days that a run has corrected, also where no amount has moved
    dict(_BOOKED),
    key=("business_date", "run_id", "restated_date"),
)

RESTATEMENTS: Final = Table(
    "restatements",  # amounts of closed days before and after a restatement, as they should have been posted
    {
        **_BOOKED,
        "bucket": pl.Int32,  # of the holder
        "value_date": pl.Date,
        "holder_kind": pl.String,
        "holder_id": ID,
        "asset": pl.String,
        "kind": pl.String,
        "pool": pl.String,
        "before_fen": FEN,
        "after_fen": FEN,
    },
    key=(
        *("holder_kind", "holder_id", "business_date", "run_id", "restated_date"),
        *("asset", "kind", "pool", "value_date"),
    ),
    partition=("bucket",),
)

RESTATED_SALES: Final = Table(
    "restated_sales",  # what a restatement has added to a merchant's booked sales of a closed day; refunds negative
    {
        **_BOOKED,
        "bucket": pl.Int32,  # of the merchant
        "merchant_id": ID,
        "transactions": pl.Int64,
        "amount_fen": FEN,
        "voucher_fen": FEN,
        "concession_fen": FEN,
    },
    key=("merchant_id", "business_date", "run_id", "restated_date"),
    partition=("bucket",),
)
