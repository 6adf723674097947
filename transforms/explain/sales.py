"""What purchases and refunds book for their own member and merchant (SPEC 4, 10): a part is a transaction.

Points, coins and concessions are reckoned anew from the order's amount, vouchers and rate, not read off the booking.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from schemas.rulebook import Rulebook
from schemas.units import WIDE
from transforms.books.ledger import MEMBER_POSTINGS, MERCHANT_POSTINGS
from transforms.earning.purchases import EARNED, around_refund, value_purchases, value_refunds
from transforms.earning.refunds import with_originals
from transforms.explain.model import Amount, Explanation, rules_at
from transforms.intake.refund_limits import PURCHASE

KINDS: Final = ("points_earned", "coins_earned", "redemption", "sales_proceeds")
POSTINGS: Final = {"member": MEMBER_POSTINGS, "merchant": MERCHANT_POSTINGS}
EARNS: Final = {
    ("member", "points_earned"): ("points_fen", "points_per_yuan"),
    ("merchant", "points_earned"): ("points_fen", "points_per_yuan"),
    ("member", "coins_earned"): ("member_coins_fen", "member_coins_per_yuan"),
    ("merchant", "coins_earned"): ("merchant_coins_fen", "merchant_coins_per_yuan"),
    ("merchant", "sales_proceeds"): ("concession_fen", ""),
}
"""What a kind counts of EARNED, and the rulebook's factor for it."""
ROUNDING: Final = {
    "points_earned": "R1: points of each purchase are rounded half-up to 0.01, once; a refund is a difference of two",
    "coins_earned": "R1 and R2: the concession is rounded half-up to 0.01, the coins on it toward zero",
    "redemption": "none: vouchers as they were used and returned",
    "sales_proceeds": "R1: the concession is rounded half-up to 0.01",
}
COLUMNS: Final = (
    "business_date", "txn_id", "kind", "occurred_at", "member_id", "merchant_id", "amount_fen", "voucher_fen",
    "concession_rate_pico", "purchased_at", "is_late", *PURCHASE,
)  # fmt: skip
"""Columns of `transactions` that are needed of the holder's own rows: none of EARNED, which is reckoned anew."""
_REFUND: Final = ("bought_fen", "bought_voucher_fen", "refunded_fen", "refunded_voucher_fen")


def revalued(rows: pl.DataFrame, originals: pl.DataFrame, earlier: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Booked rows with EARNED reckoned anew; of refunds also what the purchase earned around it: `before_`, `after_`.

    `rows`: COLUMNS; `originals`: the purchases that the refunds name, all columns of `transactions`; `earlier`: rows of
    `refunds` of those purchases. All refunds of a purchase that fall on a day of `rows` have to be in it.
    """
    bought = value_purchases(rows.filter(pl.col("kind") == "purchase"), rulebook)
    refunds = with_originals(_with_taken(rows.filter(pl.col("kind") == "refund"), earlier), originals)
    before, after = around_refund(rulebook)
    sides = {f"before_{name}": before[name] for name in EARNED} | {f"after_{name}": after[name] for name in EARNED}
    back = value_refunds(refunds.with_columns(**sides), rulebook)
    return pl.concat([bought, back.select(*bought.columns, *_REFUND, *sides)], how="diagonal").sort(
        "business_date", "txn_id"
    )


def _with_taken(refunds: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """refunded_fen, refunded_voucher_fen: on earlier days, and before it on its own (SPEC 3, step 8: text order)."""
    of_day = pl.col("amount_fen", "voucher_fen").cast(WIDE)
    taken = earlier.rename({"business_date": "taken_on", "amount_fen": "taken", "voucher_fen": "taken_voucher"})
    pairs = refunds.select("business_date", "txn_id", *PURCHASE).join(taken, on=PURCHASE)
    past = (
        pairs.filter(pl.col("taken_on") < pl.col("business_date"))
        .group_by("business_date", "txn_id")
        .agg(pl.col("taken", "taken_voucher").sum())
    )
    ordered = refunds.sort(*PURCHASE, "business_date", "txn_id").with_columns(
        (of_day.cum_sum().over(*PURCHASE, "business_date") - of_day).name.prefix("today_")
    )
    return (
        ordered.join(past, on=["business_date", "txn_id"], how="left")
        .with_columns(
            refunded_fen=(pl.col("today_amount_fen") + pl.col("taken").fill_null(0)).cast(pl.Int64),
            refunded_voucher_fen=(pl.col("today_voucher_fen") + pl.col("taken_voucher").fill_null(0)).cast(pl.Int64),
        )
        .drop("today_amount_fen", "today_voucher_fen", "taken", "taken_voucher")
    )


def explain_sales(amounts: Sequence[Amount], rows: pl.DataFrame, rulebook: Rulebook) -> Iterator[Explanation]:
    """Amounts of KINDS of one holder. In: `revalued` rows of the holder on all their days."""
    kinds = {(amount.holder_kind, amount.kind) for amount in amounts}
    parts = {key: _parts_by_day(rows, *key) for key in kinds}
    for amount in amounts:
        of_day = parts[amount.holder_kind, amount.kind].get(amount.business_date, [])
        named = [_facts(row, amount, rulebook) for row in of_day]
        moments = [] if amount.kind == "redemption" else [row["purchased_at"] for row in of_day]
        rules = rules_at(moments, rulebook, "earning", lambda rules: rules.earning)
        yield Explanation(amount, tuple(named), ROUNDING[amount.kind], rules)


def _parts_by_day(rows: pl.DataFrame, holder_kind: str, kind: str) -> Mapping[date, list[dict[str, Any]]]:
    _, posting = POSTINGS[holder_kind][kind]
    counted = rows.with_columns(part_fen=posting).filter(pl.col("part_fen") != 0)
    days: dict[date, list[dict[str, Any]]] = {}
    for row in counted.iter_rows(named=True):
        days.setdefault(row["business_date"], []).append(row)
    return days


def _facts(row: Mapping[str, Any], amount: Amount, rulebook: Rulebook) -> dict[str, Any]:
    other = "merchant_id" if amount.holder_kind == "member" else "member_id"
    facts = {
        "txn_id": row["txn_id"],
        "transaction": row["kind"],
        "occurred_at": row["occurred_at"],
        other: row[other],
        "order_fen": row["amount_fen"],
        "voucher_fen": row["voucher_fen"],
        "concession_rate_pico": row["concession_rate_pico"],
        "concession_fen": row["concession_fen"],
        "is_late": row["is_late"],
        "amount_fen": row["part_fen"],
    }
    earned, factor = EARNS.get((amount.holder_kind, amount.kind), ("", ""))
    if factor:
        terms = rulebook.at(row["purchased_at"]).earning
        facts |= {"per_yuan_pico": getattr(terms, factor), "voucher_spend": terms.voucher_spend}
    return facts | (_refund_facts(row, earned) if row["kind"] == "refund" else {})


def _refund_facts(row: Mapping[str, Any], earned: str) -> dict[str, Any]:
    facts = {"original_txn_id": row["original_txn_id"], "original_date": row["original_date"]}
    facts |= {name: row[name] for name in _REFUND}
    return facts | (
        {"earned_before_fen": row[f"before_{earned}"], "earned_after_fen": row[f"after_{earned}"]} if earned else {}
    )
