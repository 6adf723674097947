"""Booked rows as later stages sum them: few, however many came.

What is asked of a day's rows once they are booked are sums by day, kind and pool. Only rows that move the lot of an
earlier day may touch a closed cohort, and are told apart by lot and holders.
"""

from typing import Final

import polars as pl

from schemas.units import WIDE

AMOUNTS: Final = ("amount_fen", "voucher_fen", "concession_fen", "points_fen")


def condensed(transactions: pl.DataFrame) -> pl.DataFrame:
    """business_date, kind, member_pool, merchant_pool, lot_date, member_id, merchant_id, the sums of AMOUNTS (128
    bits), and `rows`: how many were summed. Holders are null where the lot is of the business date itself."""
    old = pl.col("lot_date") < pl.col("business_date")
    holders = [pl.when(old).then(name).alias(name) for name in ("member_id", "merchant_id")]
    return (
        transactions.lazy()
        .group_by("business_date", "kind", "member_pool", "merchant_pool", "lot_date", *holders)
        .agg(pl.col(AMOUNTS).cast(WIDE).sum(), rows=pl.len().cast(pl.Int64))
        .collect()
    )
