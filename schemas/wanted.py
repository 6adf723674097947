"""What each column of a feed wants, for whoever has to mend it (SPEC 2 and 3)."""

from typing import Final

from schemas.reference import Kind

_ID: Final = "a text that is not empty"
WANTED: Final = {
    "txn_id": _ID,
    "redemption_id": _ID,
    "payout_id": _ID,
    "kind": "purchase or refund",
    "occurred_at": f"{Kind.MOMENT.value}, of that day or of late_days before it",
    "member_id": f"{Kind.ID.value}, in members.csv at that moment",
    "merchant_id": f"{Kind.ID.value}, in merchants.csv at that moment",
    "holder_id": f"{Kind.ID.value}, in the reference data at that moment",
    "holder_kind": "member or merchant; of a payout in cash merchant, promoter, agent or partner",
    "asset": "cash or voucher",
    "amount": "an amount above 0 like 1234.50, at most 2 decimals; no sign, separator or blank",
    "coins": "an amount above 0 like 1234.50, at most 2 decimals; no sign, separator or blank",
    "voucher_amount": "an amount from 0 to that of the row, at most 2 decimals; empty is 0",
    "concession_rate": "a rate like 0.12 within the bounds of the rulebook; empty is the merchant's",
    "original_txn_id": "the txn_id of a purchase that was booked on original_date",
    "original_date": f"{Kind.DATE.value}, on which the purchase was booked",
    "channel": "online or offline; empty is online",
}
CELLS: Final = "as many cells as the header has; a cell with a comma, quote or line break stands in quotes"
"""What a torn row wants."""
MERCHANTS_RATE: Final = "a rate within the bounds of the rulebook, here or in merchants.csv; the merchant's own is not"
"""What a purchase without a rate wants whose merchant has none that is allowed."""
