"""The ledger 分户账 (SPEC 10): sums per holder, day and kind, none of them zero. Here: what rows earn and use.

Dividends, clawbacks and retirements are posted by their own modules, through `posted`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from schemas.tables import LEDGER
from schemas.units import FEN, WIDE
from transforms.exact.buckets import bucket

SETTLEMENT: Final = "settlement"
_SIGN: Final = pl.when(pl.col("kind") == "refund").then(-1).otherwise(1)

MEMBER_POSTINGS: Final = {
    "points_earned": ("points", pl.col("points_fen")),
    "coins_earned": ("coins", pl.col("member_coins_fen")),
    # vouchers used by purchases, returned by refunds
    "redemption": ("voucher", -_SIGN * pl.col("voucher_fen")),
}
MERCHANT_POSTINGS: Final = {
    "points_earned": ("points", pl.col("points_fen")),
    "coins_earned": ("coins", pl.col("merchant_coins_fen")),
    # a refund's concession is negative already
    "sales_proceeds": ("cash", _SIGN * pl.col("amount_fen") - pl.col("concession_fen")),
}
MOVEMENT_KINDS: Final = {"coin_redemptions": "coins_redeemed", "payouts": "payout"}


def member_postings(transactions: pl.DataFrame, buckets: int) -> pl.DataFrame:
    """Ledger rows of the members of booked transactions: all rows of each of them, on these days."""
    return _postings(_sums(transactions, "member_id", MEMBER_POSTINGS), "member", MEMBER_POSTINGS, buckets)


def merchant_sums(transactions: pl.DataFrame) -> pl.DataFrame:
    """What booked rows bring to their merchants: business_date, holder_id, and a column per kind (128 bits)."""
    return _sums(transactions, "merchant_id", MERCHANT_POSTINGS)


def merchant_postings(sums: pl.DataFrame, buckets: int) -> pl.DataFrame:
    """Ledger rows of merchants; `sums`: rows of `merchant_sums`, any number a holder and day."""
    total = sums.group_by("business_date", "holder_id").sum()
    return _postings(total, "merchant", MERCHANT_POSTINGS, buckets)


def _sums(rows: pl.DataFrame, holder: str, kinds: Mapping[str, tuple[str, pl.Expr]]) -> pl.DataFrame:
    amounts = [amount.cast(WIDE).sum().alias(kind) for kind, (_, amount) in kinds.items()]
    return rows.lazy().group_by("business_date", holder_id=holder).agg(amounts).collect()


def _postings(
    sums: pl.DataFrame, holder_kind: str, kinds: Mapping[str, tuple[str, pl.Expr]], buckets: int
) -> pl.DataFrame:
    return pl.concat(
        posted(sums.select("business_date", "holder_id", amount_fen=kind), holder_kind, asset, kind, buckets)
        for kind, (asset, _) in kinds.items()
    )


def movement_postings(movements: pl.DataFrame, buckets: int) -> pl.DataFrame:
    """Ledger rows of coins spent and of money or vouchers paid out: minus what was taken."""
    key = ["business_date", "holder_kind", "holder_id", "asset", "feed"]
    sums = movements.group_by(key).agg(amount_fen=(-pl.col("amount_fen")).cast(WIDE).sum())
    parts = [
        posted(part, str(holder), str(asset), MOVEMENT_KINDS[str(feed)], buckets)
        for (holder, asset, feed), part in sums.group_by("holder_kind", "asset", "feed", maintain_order=True)
    ]
    return pl.concat(parts) if parts else LEDGER.empty()


def posted(
    sums: pl.DataFrame, holder_kind: str, asset: str, kind: str, buckets: int, *, pool: str = ""
) -> pl.DataFrame:
    """Ledger rows from sums per business_date and holder_id; `value_date` is the business date unless there is one.

    Raises polars' InvalidOperationError if a sum does not fit 64 bits.
    """
    value_date = "value_date" if "value_date" in sums.columns else "business_date"
    columns: Sequence[str] = list(LEDGER.schema)
    return (
        sums.filter(pl.col("amount_fen") != 0)
        .with_columns(
            pl.col(value_date).alias("value_date"),
            pl.col("amount_fen").cast(FEN),
            bucket=bucket(pl.col("holder_id"), buckets),
            holder_kind=pl.lit(holder_kind),
            asset=pl.lit(asset),
            kind=pl.lit(kind),
            pool=pl.lit(pool),
            origin=pl.lit(SETTLEMENT),
        )
        .select(columns)
    )
