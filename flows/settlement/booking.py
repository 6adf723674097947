"""Booking of a block: accepted rows become valued transactions, and their tables and postings are written.

Rows are valued some buckets at a time, so that only what later stages sum is in memory of all of them at once.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake import Intake
from flows.settlement.posting import post
from lake.draft import Draft
from schemas.tables import LEDGER, MOVEMENTS, QUARANTINE, REFUNDS, TRANSACTIONS
from transforms.attribution import attribute
from transforms.buckets import bucket
from transforms.earning import EARNED, value_purchases
from transforms.ledger import member_postings, merchant_postings, movement_postings
from transforms.membership import with_pools
from transforms.refunds import valued_refunds
from transforms.rewards import reward_postings

ROWS_AT_ONCE: Final = 750_000
"""Rows that are valued together, about, as far as buckets can part them; no result depends on it."""
SUMMED: Final = (
    "business_date", "lot_date", "kind", "member_id", "merchant_id", "bound_merchant_id", "referrer_id",
    "member_pool", "merchant_pool", "amount_fen", "voucher_fen", *EARNED,
)  # fmt: skip
"""Columns of transactions that postings, pools, days and journal are summed from."""


def book(intake: Intake, inputs: Inputs, draft: Draft) -> pl.DataFrame:
    """Write transactions, refunds, movements, quarantine and their postings; returns SUMMED of all transactions."""
    booked, refunds = [], []
    for rows, purchases in _by_buckets(intake, inputs.buckets):
        transactions = valued(rows, purchases, inputs)
        draft.append(TRANSACTIONS, transactions)
        refunds.append(transactions.filter(pl.col("kind") == "refund").select(REFUNDS.schema.keys()))
        booked.append(transactions.select(SUMMED))
        # A member's rows lie in one bucket, a merchant's in all of them.
        post(member_postings(booked[-1], inputs.buckets), draft)
    draft.append(REFUNDS, pl.concat(refunds))
    draft.append(MOVEMENTS, intake.movements)
    draft.append(QUARANTINE, intake.quarantine)
    summed = pl.concat(booked)
    post(merchant_postings(summed, inputs.buckets), draft)
    post(reward_postings(summed, inputs.rulebook, inputs.buckets), draft)
    post(movement_postings(intake.movements, inputs.buckets), draft)
    draft.flush(LEDGER, at_least=ROWS_AT_ONCE)
    return summed


def _by_buckets(intake: Intake, buckets: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Accepted rows with the earlier purchases that they refund: a refund is its member's, as its purchase was."""
    rows, purchases = intake.transactions, intake.purchases
    wanted = -(-max(rows.height, 1) // ROWS_AT_ONCE)
    if wanted == 1:
        yield rows, purchases
        return
    # Parts of whole buckets: one each, or every bucket has as many.
    parts = buckets * -(-wanted // buckets)
    of_member = bucket(pl.col("member_id"), parts)
    for part in range(parts):
        yield rows.filter(of_member == part), purchases.filter(of_member == part)


def valued(rows: pl.DataFrame, earlier: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Booked rows in the columns of `transactions`. `earlier`: purchases of days before that the refunds name."""
    rulebook = inputs.rulebook
    bought = rows.filter(pl.col("kind") == "purchase").with_columns(lot_date="business_date")
    attributed = attribute(bought, inputs.reference.bindings, inputs.reference.merchant_promoters, rulebook)
    purchases = value_purchases(with_pools(attributed, rulebook), rulebook)
    purchases = _with_bucket(purchases, inputs.buckets).select(TRANSACTIONS.schema.keys())
    refunds = rows.filter(pl.col("kind") == "refund")
    named = pl.concat([earlier.select(TRANSACTIONS.schema.keys()), _named(purchases, refunds)])
    refunds = _with_bucket(valued_refunds(refunds, named, rulebook), inputs.buckets)
    return pl.concat([purchases, refunds.select(TRANSACTIONS.schema.keys())]).cast(TRANSACTIONS.types)


def _named(purchases: pl.DataFrame, refunds: pl.DataFrame) -> pl.DataFrame:
    """Purchases of these days that a refund of these days names: few."""
    key = {"original_date": "business_date", "original_txn_id": "txn_id"}
    return purchases.join(refunds, left_on=list(key.values()), right_on=list(key), how="semi")


def _with_bucket(rows: pl.DataFrame, buckets: int) -> pl.DataFrame:
    return rows.with_columns(bucket=bucket(pl.col("member_id"), buckets))
