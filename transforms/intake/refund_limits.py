"""What a refund may take (SPEC 3, step 8): what is left of a booked purchase of the same member and merchant.

Refunds of one purchase and day are judged in text order of their txn_id.
"""

from collections.abc import Callable
from typing import Final

import polars as pl

from transforms.intake.reasons import first_reason

PURCHASE: Final = ["original_date", "original_txn_id"]
"""What a refund names its purchase by."""
_REFUNDED: Final = ("refunded_fen", "refunded_voucher_fen")


def judge_refunds(refunds: pl.DataFrame, purchases: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """row_no, refund_reason (null: booked), refunded_fen, refunded_voucher_fen of refunds whose rows are sound.

    Reasons are unknown_original, refund_mismatch, refund_exceeds_purchase. `purchases`: PURCHASE, bought_by, bought_at,
    bought_fen, bought_voucher_fen of the booked ones that the refunds name. `taken`: row_no, taken_fen,
    taken_voucher_fen, what refunds of days before took; rows of which there were none are missing.
    """
    rows = refunds.join(purchases, on=PURCHASE, how="left").join(taken, on="row_no", how="left")
    other = (pl.col("bought_by") != pl.col("member_id")) | (pl.col("bought_at") != pl.col("merchant_id"))
    unknown = pl.col("bought_by").is_null() | (pl.col("original_date") > pl.col("business_date"))
    first = rows.select(pl.all(), refund_reason=first_reason({"unknown_original": unknown, "refund_mismatch": other}))
    fitting = first.filter(pl.col("refund_reason").is_null())
    columns = ["row_no", "refund_reason", *_REFUNDED]
    nothing = pl.lit(None, pl.Int64)
    refused = first.filter(pl.col("refund_reason").is_not_null())
    refused = refused.with_columns(**dict.fromkeys(_REFUNDED, nothing))
    return pl.concat([refused.select(columns), _exceeding(fitting).select(columns)])


def _exceeding(fitting: pl.DataFrame) -> pl.DataFrame:
    """Walk each purchase's refunds of a day in order: the first that exceeds is out, and all that follow it."""
    group = [*PURCHASE, "business_date"]
    # Hardly any has another of its day beside it, and to walk groups of one takes as long as to walk others.
    beside = fitting.select(pl.struct(group).is_duplicated()).to_series()
    sequence = fitting.filter(beside).sort([*group, "txn_id"])
    alone = _left(fitting.filter(~beside), lambda amount: pl.lit(0))
    walked = _left(sequence, lambda amount: amount.cum_sum().over(group) - amount)
    followed = pl.col("exceeds").cast(pl.Int8).cum_max().over(group) == 1
    judged = pl.concat([alone, walked.with_columns(exceeds=followed)])
    kept = {name: pl.when(~pl.col("exceeds")).then(name).cast(pl.Int64) for name in _REFUNDED}
    return judged.with_columns(refund_reason=pl.when("exceeds").then(pl.lit("refund_exceeds_purchase")), **kept)


def _left(rows: pl.DataFrame, before: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    """What was taken of its purchase before each row, `before` it on its day included, and if it `exceeds` the rest."""
    amount, voucher = (pl.col(name).cast(pl.Int128) for name in ("amount_fen", "voucher_fen"))
    taken = rows.with_columns(
        refunded_fen=pl.col("taken_fen").fill_null(0) + before(amount),
        refunded_voucher_fen=pl.col("taken_voucher_fen").fill_null(0) + before(voucher),
    )
    amount_left = pl.col("bought_fen") - pl.col("refunded_fen") - amount
    voucher_left = pl.col("bought_voucher_fen") - pl.col("refunded_voucher_fen") - voucher
    return taken.with_columns(exceeds=(amount_left < 0) | (voucher_left < 0) | (voucher_left > amount_left))
