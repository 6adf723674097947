"""Tables of what came in: booked rows, refused rows, and the days that brought them."""

from typing import Final

import polars as pl

from schemas.tables.model import ID, LONG_SUM, Table
from schemas.units import FEN, MOMENT, RATE

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
    key=("member_id", "business_date", "txn_id"),
    partition=("bucket",),
    dated=True,
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
    dated=True,
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
    dated=True,
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
        "faulty_column": pl.String,  # the one at fault; null of a row with too few or too many cells
    },
    key=("business_date", "feed", "file", "position"),
    dated=True,
    optional=frozenset({"id", "raw", "amount_fen", "faulty_column"}),
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

RULEBOOKS: Final = Table(
    "rulebooks",  # the text of the rulebook of a run, and of all runs after it up to the next row
    {
        "run_id": pl.String,
        "rulebook_fingerprint": pl.String,
        "text": pl.String,  # null: of a run before format 4, whose text nobody has
    },
    key=("run_id",),
    optional=frozenset({"text"}),
)
