"""Booking of a block: accepted rows become valued transactions, and their tables and postings are written."""

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake import Intake
from flows.settlement.posting import post
from lake.draft import Draft
from schemas.tables import MOVEMENTS, QUARANTINE, REFUNDS, TRANSACTIONS
from transforms.attribution import attribute
from transforms.buckets import bucket
from transforms.earning import value_purchases
from transforms.ledger import movement_postings, transaction_postings
from transforms.membership import with_pools
from transforms.refunds import valued_refunds
from transforms.rewards import reward_postings


def book(intake: Intake, inputs: Inputs, draft: Draft) -> pl.DataFrame:
    """Write transactions, refunds, movements, quarantine and their postings; returns the block's transactions."""
    transactions = valued(intake, inputs)
    draft.append(TRANSACTIONS, transactions)
    draft.append(REFUNDS, transactions.filter(pl.col("kind") == "refund"))
    draft.append(MOVEMENTS, intake.movements)
    draft.append(QUARANTINE, intake.quarantine)
    postings = [
        transaction_postings(transactions, inputs.buckets),
        reward_postings(transactions, inputs.rulebook, inputs.buckets),
        movement_postings(intake.movements, inputs.buckets),
    ]
    post(pl.concat(postings), draft)
    return transactions


def valued(intake: Intake, inputs: Inputs) -> pl.DataFrame:
    """All booked rows in the columns of `transactions`."""
    rows, rulebook = intake.transactions, inputs.rulebook
    bought = rows.filter(pl.col("kind") == "purchase").with_columns(lot_date="business_date")
    attributed = attribute(bought, inputs.reference.bindings, inputs.reference.merchant_promoters, rulebook)
    purchases = value_purchases(with_pools(attributed, rulebook), rulebook)
    purchases = _with_bucket(purchases, inputs.buckets).select(TRANSACTIONS.schema.keys())
    named = pl.concat([intake.purchases.select(TRANSACTIONS.schema.keys()), purchases])
    refunds = valued_refunds(rows.filter(pl.col("kind") == "refund"), named, rulebook)
    refunds = _with_bucket(refunds, inputs.buckets).select(TRANSACTIONS.schema.keys())
    return pl.concat([purchases, refunds]).cast(TRANSACTIONS.types)


def _with_bucket(rows: pl.DataFrame, buckets: int) -> pl.DataFrame:
    return rows.with_columns(bucket=bucket(pl.col("member_id"), buckets))
