"""Steps 1 to 4 of SPEC 3: cells become values; malformed, bad_amount, future_dated, too_late.

In: text rows of any number of days, with `business_date`, `oldest_date` (the earliest own date that is not too late),
`row_no` and `torn` (null unless the row had too few or too many cells).
Out: typed rows, in the same order, with `own_date`, `is_late` and `reason` (null: passed).
Values that a row's kind does not use are null, defaults are filled in: equal rows are equal in every column.
"""

from typing import Final

import polars as pl

from schemas.units import FEN, TIME_ZONE
from transforms.exact.grammar import is_decimal, parse_date, parse_fen, parse_id, parse_moment, parse_pico
from transforms.intake.reasons import first_reason

KINDS: Final = ("purchase", "refund")
CHANNELS: Final = ("online", "offline")
TRANSACTION_CONTENT: Final = (
    "kind", "occurred_at", "member_id", "merchant_id", "amount_fen", "voucher_fen",
    "rate_applied_pico", "original_txn_id", "original_date", "channel",
)  # fmt: skip
"""What two rows of one txn_id must share: what was read, and the rate that `with_parties` fills in."""
MOVEMENT_CONTENT: Final = ("occurred_at", "holder_kind", "holder_id", "asset", "amount_fen")
PAYABLE: Final = {
    "cash": ("merchant", "promoter", "agent", "partner"),
    "voucher": ("member", "merchant"),
    "coins": ("member", "merchant"),
}
"""Which holder kinds have an account of an asset that a movement can take from."""
CARRIED: Final = ("business_date", "oldest_date", "row_no")


def read_transactions(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Typed transactions with the reason of steps 1 to 4. Amounts in fen, rates in pico (128 bits: any is read)."""
    purchase, refund = pl.col("kind") == "purchase", pl.col("kind") == "refund"
    voucher = pl.col("voucher_amount").fill_null("0")
    channel = pl.col("channel").fill_null("online")
    rate = pl.when(purchase).then("concession_rate")
    typed = rows.select(
        *CARRIED,
        "txn_id",
        "kind",
        shapeless=_any_broken(
            pl.col("torn").is_not_null(),
            pl.col("txn_id").is_null(),
            ~pl.col("kind").is_in(KINDS),
            ~is_decimal(pl.col("amount")),
            ~is_decimal(voucher),
            ~channel.is_in(CHANNELS),
        ),
        has_rate=rate.is_not_null(),
        occurred_at=parse_moment(pl.col("occurred_at")),
        member_id=parse_id(pl.col("member_id")),
        merchant_id=parse_id(pl.col("merchant_id")),
        amount_fen=parse_fen(pl.col("amount")),
        voucher_fen=parse_fen(voucher),
        rate_pico=parse_pico(rate),
        original_txn_id=pl.when(refund).then("original_txn_id"),
        original_date=parse_date(pl.when(refund).then("original_date")),
        channel=channel,
    )
    # By what was read, not by the texts: an expression that stands twice is worked out twice.
    malformed = (
        pl.col("shapeless")
        | pl.any_horizontal(pl.col("occurred_at", "member_id", "merchant_id").is_null())
        | (pl.col("has_rate") & pl.col("rate_pico").is_null())
        | (refund & (pl.col("original_txn_id").is_null() | pl.col("original_date").is_null()))
    )
    bad_amount = (
        pl.col("amount_fen").is_null() | (pl.col("amount_fen") <= 0)
        | pl.col("voucher_fen").is_null() | (pl.col("voucher_fen") < 0)
        | (pl.col("voucher_fen") > pl.col("amount_fen"))
    )  # fmt: skip
    return _dated(typed, malformed, bad_amount).drop("shapeless", "has_rate")


def read_movements(rows: pl.LazyFrame, feed: str) -> pl.LazyFrame:
    """Typed rows of `coin_redemptions` or `payouts`: id, holder, asset, amount_fen, and the reason of steps 1 to 4."""
    coins = feed == "coin_redemptions"
    identity, amount = ("redemption_id", "coins") if coins else ("payout_id", "amount")
    asset = pl.lit("coins") if coins else pl.col("asset")
    payable = pl.any_horizontal((asset == name) & pl.col("holder_kind").is_in(kinds) for name, kinds in PAYABLE.items())
    known_asset = pl.lit(True) if coins else asset.is_in(["cash", "voucher"])
    typed = rows.select(
        *CARRIED,
        "holder_kind",
        shapeless=_any_broken(
            pl.col("torn").is_not_null(),
            pl.col(identity).is_null(),
            ~is_decimal(pl.col(amount)),
            ~(payable & known_asset),
        ),
        id=pl.col(identity),
        occurred_at=parse_moment(pl.col("occurred_at")),
        holder_id=parse_id(pl.col("holder_id")),
        asset=asset.cast(pl.String),
        amount_fen=parse_fen(pl.col(amount)),
    )
    malformed = pl.col("shapeless") | pl.any_horizontal(pl.col("occurred_at", "holder_id").is_null())
    bad_amount = pl.col("amount_fen").is_null() | (pl.col("amount_fen") <= 0)
    return _dated(typed, malformed, bad_amount).drop("shapeless")


def _any_broken(*rules: pl.Expr) -> pl.Expr:
    # A rule over a missing cell is null, and a cell that must be there is missing: that is broken too.
    return pl.any_horizontal(rule.fill_null(True) for rule in rules)


def _dated(typed: pl.LazyFrame, malformed: pl.Expr, bad_amount: pl.Expr) -> pl.LazyFrame:
    own_date = pl.col("occurred_at").dt.convert_time_zone(TIME_ZONE).dt.date()
    reason = first_reason(
        {
            "malformed": malformed,
            "bad_amount": bad_amount,
            "future_dated": pl.col("own_date") > pl.col("business_date"),
            "too_late": pl.col("own_date") < pl.col("oldest_date"),
        }
    )
    dated = typed.with_columns(own_date=own_date)
    return dated.with_columns(
        reason=reason,
        is_late=pl.col("own_date") < pl.col("business_date"),
        amount_fen=pl.col("amount_fen").cast(FEN),
    ).drop("oldest_date")
