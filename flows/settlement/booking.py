"""Booking of a block: accepted rows become valued transactions, and their tables and postings are written.

Rows are valued part by part and then let go: what later stages ask of them is summed on the way.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.refused import Refused
from flows.settlement.intake.take_in import Intake
from flows.settlement.posting import post
from lake.draft.draft import Draft
from lake.tables.side_by_side import cuts
from schemas.tables import LEDGER, MOVEMENTS, QUARANTINE, REFUNDS, TRANSACTIONS
from transforms.books.day_sums import condensed
from transforms.books.ledger import member_postings, merchant_postings, merchant_sums, movement_postings
from transforms.earning.attribution import attribute
from transforms.earning.purchases import value_purchases
from transforms.earning.refunds import PURCHASED, valued_refunds
from transforms.earning.rewards import earner_points, reward_postings
from transforms.exact.buckets import bucket
from transforms.pools.membership import with_pools

LARGE: Final = 500_000
"""Ledger rows that are worth a file before the block's pools add theirs."""
SUMS_AT_ONCE: Final = 500_000
"""Sums of a holder and day that become ledger rows together, or those of one day: many small days have as many as a
large one has rows. No result depends on it."""


def book(intake: Intake, inputs: Inputs, draft: Draft) -> pl.DataFrame:
    """Write transactions, refunds, movements, quarantine and their postings; returns the transactions `condensed`."""
    _set_aside(intake.refused, draft)
    booked, refunds, merchants, earners = [], [], [], []
    for rows, purchases in intake.sales.parts():
        transactions = valued(rows, purchases, inputs)
        draft.append(TRANSACTIONS, transactions)
        refunds.append(transactions.filter(pl.col("kind") == "refund").select(REFUNDS.schema.keys()))
        # A member's rows lie in one part, those of a merchant or an earner in all of them.
        post(member_postings(transactions, inputs.buckets), draft)
        merchants.append(merchant_sums(transactions))
        earners.append(earner_points(transactions))
        booked.append(condensed(transactions))
    draft.append(REFUNDS, pl.concat(refunds))
    draft.append(MOVEMENTS, intake.movements)
    for sums in by_days(pl.concat(merchants)):
        post(merchant_postings(sums, inputs.buckets), draft)
    for points in by_days(pl.concat(earners)):
        post(reward_postings(points, inputs.rulebook, inputs.buckets), draft)
    post(movement_postings(intake.movements, inputs.buckets), draft)
    draft.flush(LEDGER, at_least=LARGE)
    return pl.concat(booked)


def by_days(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """`rows` in pieces of at most SUMS_AT_ONCE, or one day, in the order of their days, none of which is cut."""
    counts = rows.group_by("business_date").len().sort("business_date")
    days = counts["business_date"]
    for first, end in cuts(counts["len"].to_list(), SUMS_AT_ONCE):
        is_all = end - first == len(days)
        yield rows if is_all else rows.filter(pl.col("business_date").is_between(days[first], days[end - 1]))


def _set_aside(refused: Sequence[Refused], draft: Draft) -> None:
    for feed in refused:
        for rows in feed.parts():
            draft.gather(QUARANTINE, rows)
        feed.texts.drop()
    draft.flush(QUARANTINE)


def valued(rows: pl.DataFrame, earlier: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Booked rows in the columns of `transactions`. `earlier`: PURCHASED of days before that the refunds name."""
    rulebook = inputs.rulebook
    bought = rows.filter(pl.col("kind") == "purchase").with_columns(lot_date="business_date")
    attributed = attribute(bought, inputs.reference, rulebook)
    purchases = value_purchases(with_pools(attributed, rulebook), rulebook)
    purchases = _with_bucket(purchases, inputs.buckets).select(TRANSACTIONS.schema.keys())
    refunds = rows.filter(pl.col("kind") == "refund")
    named = pl.concat([earlier.select(PURCHASED), _named(purchases, refunds).select(PURCHASED)])
    refunds = _with_bucket(valued_refunds(refunds, named, rulebook), inputs.buckets)
    return pl.concat([purchases, refunds.select(TRANSACTIONS.schema.keys())], rechunk=True).cast(TRANSACTIONS.types)


def _named(purchases: pl.DataFrame, refunds: pl.DataFrame) -> pl.DataFrame:
    """Purchases of these days that a refund of these days names: few."""
    key = {"original_date": "business_date", "original_txn_id": "txn_id"}
    return purchases.join(refunds, left_on=list(key.values()), right_on=list(key), how="semi")


def _with_bucket(rows: pl.DataFrame, buckets: int) -> pl.DataFrame:
    return rows.with_columns(bucket=bucket(pl.col("member_id"), buckets))
