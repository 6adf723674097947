"""What the lake already holds of the rows that new rows name: never a scan of history, only of the days they name."""

from datetime import date, timedelta

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import REFUNDS, TRANSACTIONS, Table
from transforms.earning.refunds import PURCHASED
from transforms.intake.dependants import Past
from transforms.intake.refund_limits import PURCHASE


def past_of(rows: pl.DataFrame, draft: Draft, first: date) -> Past:
    """Booked before `first`: ids that late rows share, purchases that refunds name, what was refunded of those.

    In: late rows and refunds without a reason so far.
    """
    named = rows.lazy().filter(pl.col("kind") == "refund").select(PURCHASE).unique().collect()
    return Past(
        ids=past_ids(rows, draft, first, TRANSACTIONS, "txn_id"),
        purchases=_purchases(named, draft, first),
        refunds=_refunds(named, draft, first),
    )


def past_ids(
    rows: pl.DataFrame, draft: Draft, first: date, table: Table, identity: str, feed: str | None = None
) -> pl.DataFrame:
    """Ids of late rows that were booked on a day from the earliest own date on: identity, business_date.

    In: rows without a reason so far.
    """
    late = rows.lazy().filter("is_late").select(identity, "own_date").collect()
    if late.is_empty():
        return pl.DataFrame(schema={identity: pl.String, "business_date": pl.Date})
    earliest = late["own_date"].min()
    assert isinstance(earliest, date)
    booked = draft.between(table, earliest, first - timedelta(days=1))
    if feed is not None:
        booked = booked.filter(pl.col("feed") == feed)
    ids = late.lazy().select(identity).unique()
    return booked.select(identity, "business_date").join(ids, on=identity, how="semi").collect()


def _purchases(named: pl.DataFrame, draft: Draft, first: date) -> pl.DataFrame:
    days = {day.isoformat() for day in named["original_date"].unique() if day < first}
    rows = draft.scan(TRANSACTIONS, business_date=lambda day: day in days)
    # Parquet decodes other columns only of rows that may be named, and of those only the columns that are asked for.
    purchases = rows.filter((pl.col("kind") == "purchase") & pl.col("txn_id").is_in(named["original_txn_id"].implode()))
    keys = {"business_date": "original_date", "txn_id": "original_txn_id"}
    found = purchases.join(named.lazy(), left_on=list(keys), right_on=list(keys.values()), how="semi")
    return found.select(PURCHASED).collect()


def _refunds(named: pl.DataFrame, draft: Draft, first: date) -> pl.DataFrame:
    earliest = named["original_date"].min()
    before = first - timedelta(days=1)
    rows = draft.between(REFUNDS, earliest if isinstance(earliest, date) else first, before)
    return rows.join(named.lazy(), on=PURCHASE, how="semi").collect()
