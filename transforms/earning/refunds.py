"""Refunds 退款 carry what their purchase carries, and take back what it earned (SPEC 4)."""

from typing import Final

import polars as pl

from schemas.rulebook import Rulebook
from schemas.tables import TRANSACTIONS
from transforms.earning.purchases import value_refunds

CARRIED: Final = (
    "purchased_at", "concession_rate_pico", "lot_date", "bound_merchant_id", "referrer_id", "promoter_id",
    "region_code", "member_pool", "merchant_pool",
)  # fmt: skip
"""Columns that a refund has from its purchase."""
PURCHASED: Final = ("business_date", "txn_id", "member_id", "merchant_id", "amount_fen", "voucher_fen", *CARRIED)
"""What has to be known of a purchase: whether a refund fits it, and what the refund takes back."""


def valued_refunds(refunds: pl.DataFrame, purchases: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Booked refunds as rows of `transactions` (without bucket).

    In: refunds with refunded_fen and refunded_voucher_fen; `purchases`: PURCHASED of those that they name.
    """
    valued = value_refunds(with_originals(refunds, purchases), rulebook)
    return valued.select(name for name in TRANSACTIONS.schema if name != "bucket")


def with_originals(refunds: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    """Refunds with what they carry from their purchases, and bought_fen, bought_voucher_fen of those."""
    originals = purchases.select(
        *CARRIED,
        original_date="business_date",
        original_txn_id="txn_id",
        bought_fen="amount_fen",
        bought_voucher_fen="voucher_fen",
    )
    own = refunds.drop(column for column in CARRIED if column in refunds.columns)
    return own.join(originals, on=["original_date", "original_txn_id"], how="left", maintain_order="left")
