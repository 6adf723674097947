"""Which column of a refused row is at fault: the first in the feed's order by which its reason came about (SPEC 3).

Asked of refused rows only, from their text: no good row pays for it.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from schemas.feeds import Feed
from transforms.exact.grammar import is_decimal, parse_date, parse_fen, parse_id, parse_moment, parse_pico
from transforms.intake.cells import CHANNELS, KINDS, PAYABLE

_DECIDED_BY: Final = {
    "future_dated": "occurred_at",
    "too_late": "occurred_at",
    "unknown_member": "member_id",
    "unknown_merchant": "merchant_id",
    "concession_out_of_range": "concession_rate",
    "unknown_original": "original_txn_id",
    "refund_mismatch": "original_txn_id",
    "refund_exceeds_purchase": "amount",
}
"""Reasons that one column decides, whatever stands in the others."""
_OF_THE_ID: Final = ("conflicting_duplicate", "duplicate", "already_booked")


def faulty_column(feed: Feed, is_torn: pl.Expr) -> pl.Expr:
    """The column's name, from the text columns of `feed` and `reason`; null for torn rows, where no cell is known to
    be what it seems."""
    column = pl.col("reason").replace_strict(_DECIDED_BY, default=None, return_dtype=pl.String)
    found = pl.coalesce(
        pl.when(pl.col("reason") == "malformed").then(_first(_malformed(feed))),
        pl.when(pl.col("reason") == "bad_amount").then(_bad_amount(feed)),
        pl.when(pl.col("reason").is_in(_OF_THE_ID)).then(pl.lit(feed.id_column)),
        pl.when(pl.col("reason").str.starts_with("unknown_") & (feed.id_column != "txn_id")).then(pl.lit("holder_id")),
        column,
    )
    return pl.when(~is_torn).then(found)


def _first(broken: Mapping[str, pl.Expr]) -> pl.Expr:
    """A rule over a missing cell is null: what must be there and is not, is broken too."""
    return pl.coalesce(pl.when(rule.fill_null(True)).then(pl.lit(name)) for name, rule in broken.items())


def _malformed(feed: Feed) -> dict[str, pl.Expr]:
    rules = _of_sales() if feed.id_column == "txn_id" else _of_movements(feed)
    return {name: rules[name] for name in feed.columns if name in rules}


def _of_sales() -> dict[str, pl.Expr]:
    refund, rate = pl.col("kind") == "refund", pl.col("concession_rate")
    return {
        "txn_id": pl.col("txn_id").is_null(),
        "kind": ~pl.col("kind").is_in(KINDS),
        "occurred_at": parse_moment(pl.col("occurred_at")).is_null(),
        "member_id": parse_id(pl.col("member_id")).is_null(),
        "merchant_id": parse_id(pl.col("merchant_id")).is_null(),
        "amount": ~is_decimal(pl.col("amount")),
        "voucher_amount": ~is_decimal(pl.col("voucher_amount").fill_null("0")),
        "concession_rate": (pl.col("kind") == "purchase") & rate.is_not_null() & parse_pico(rate).is_null(),
        "original_txn_id": refund & pl.col("original_txn_id").is_null(),
        "original_date": refund & parse_date(pl.col("original_date")).is_null(),
        "channel": ~pl.col("channel").fill_null("online").is_in(CHANNELS),
    }


def _of_movements(feed: Feed) -> dict[str, pl.Expr]:
    coins = "asset" not in feed.columns
    asset = pl.lit("coins") if coins else pl.col("asset")
    known = pl.lit(True) if coins else asset.is_in(["cash", "voucher"]).fill_null(False)
    payable = pl.any_horizontal((asset == name) & pl.col("holder_kind").is_in(kinds) for name, kinds in PAYABLE.items())
    return {
        feed.id_column: pl.col(feed.id_column).is_null(),
        "occurred_at": parse_moment(pl.col("occurred_at")).is_null(),
        "holder_kind": known & ~payable.fill_null(False),
        "holder_id": parse_id(pl.col("holder_id")).is_null(),
        "asset": ~known,
        feed.amounts[0]: ~is_decimal(pl.col(feed.amounts[0])),
    }


def _bad_amount(feed: Feed) -> pl.Expr:
    amount = parse_fen(pl.col(feed.amounts[0]))
    own = amount.is_null() | (amount <= 0)
    return pl.when(own).then(pl.lit(feed.amounts[0])).otherwise(pl.lit(feed.amounts[-1]))
