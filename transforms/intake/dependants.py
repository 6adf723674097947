"""Rows that depend on what else is booked: late rows (already_booked) and refunds (SPEC 3, steps 5 and 8).

Whether such a row is booked depends on rows of earlier days, which may be such rows themselves. Days are not walked
one by one: all are judged at once against the verdicts of the round before, until a round changes nothing. A verdict
rests on earlier days only, so the first day is right after one round, the second after two, and the fixed point is
the one answer. Nearly always the second round changes nothing.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from transforms.intake.quarantine import REFUSAL
from transforms.intake.refund_limits import PURCHASE, judge_refunds

_NAMED: Final = ["business_date", "txn_id", "member_id", "merchant_id", "amount_fen", "voucher_fen"]
DEPENDANT: Final = ["row_no", "own_date", "kind", *PURCHASE, *_NAMED, "is_late", "later_reason"]
"""What has to be known of a late row or a refund."""


@dataclass(frozen=True)
class Past:
    """What was booked before the days at hand, as far as their rows name it.

    `ids`: txn_id, business_date of rows that share an id with a late row.
    `purchases`: booked purchases that refunds name (PURCHASED of `refunds.py`).
    `refunds`: original_date, original_txn_id, amount_fen, voucher_fen of earlier refunds of those.
    """

    ids: pl.DataFrame
    purchases: pl.DataFrame
    refunds: pl.DataFrame


def named_ids(dependants: pl.DataFrame) -> pl.Series:
    """The txn_ids that decide on `dependants`: those of late rows, and of the purchases that refunds name."""
    late = dependants.filter("is_late")["txn_id"]
    return pl.concat([late, dependants["original_txn_id"].alias("txn_id").drop_nulls()]).unique()


def judge_dependants(dependants: pl.DataFrame, certain: pl.DataFrame, past: Past) -> pl.DataFrame:
    """REFUSAL (reason null: booked), and refunded_fen, refunded_voucher_fen: what booked refunds took before.

    `dependants`: DEPENDANT of the late rows and refunds that passed steps 1 to 5. `certain`: _NAMED of the other rows
    that are booked and that have one of `named_ids`.
    """
    return _fixed_point(dependants, certain.select(_NAMED), past)


def _fixed_point(dependants: pl.DataFrame, certain: pl.DataFrame, past: Past) -> pl.DataFrame:
    booked = dependants
    for _ in range(dependants["business_date"].n_unique() + 2):
        verdicts = _judge(dependants, booked, certain, past)
        passed = verdicts.filter(pl.col("reason").is_null()).select("row_no")
        now = dependants.join(passed, on="row_no", how="semi")
        if now["row_no"].equals(booked["row_no"]):
            return verdicts
        booked = now
    raise AssertionError("verdicts rest on earlier days only, so they must settle")


def _judge(dependants: pl.DataFrame, booked: pl.DataFrame, certain: pl.DataFrame, past: Past) -> pl.DataFrame:
    """One round: REFUSAL, refunded_fen, refunded_voucher_fen of every dependant, in their order."""
    already = _already_booked(dependants, booked, certain, past)
    rows = dependants.join(already, on="row_no", how="left", maintain_order="left")
    rows = rows.with_columns(reason=pl.coalesce("reason", "later_reason"))
    late = rows.filter((pl.col("kind") == "purchase") & pl.col("reason").is_null())
    refunds = rows.filter((pl.col("kind") == "refund") & pl.col("reason").is_null())
    judged = judge_refunds(refunds, _purchases(refunds, certain, late, past), _taken(refunds, booked, past))
    found = rows.select(REFUSAL).join(judged, on="row_no", how="left", maintain_order="left")
    return found.with_columns(reason=pl.coalesce("reason", "refund_reason")).drop("refund_reason")


def _already_booked(dependants: pl.DataFrame, booked: pl.DataFrame, certain: pl.DataFrame, past: Past) -> pl.DataFrame:
    late = dependants.filter("is_late").select("row_no", "txn_id", "own_date", "business_date")
    ids = [frame.select("txn_id", booked_on="business_date") for frame in (certain, booked)]
    pool = pl.concat([past.ids.select("txn_id", booked_on="business_date"), *ids])
    pairs = late.join(pool, on="txn_id")
    within = (pl.col("booked_on") >= pl.col("own_date")) & (pl.col("booked_on") < pl.col("business_date"))
    return pairs.filter(within).select("row_no", reason=pl.lit("already_booked")).unique()


def _purchases(refunds: pl.DataFrame, certain: pl.DataFrame, late: pl.DataFrame, past: Past) -> pl.DataFrame:
    """The booked purchases that the refunds name: from the past, from the days at hand, late ones of these days."""
    columns = {
        "original_date": "business_date",
        "original_txn_id": "txn_id",
        "bought_by": "member_id",
        "bought_at": "merchant_id",
        "bought_fen": "amount_fen",
        "bought_voucher_fen": "voucher_fen",
    }
    sources = [
        frame.select(**{new: pl.col(old) for new, old in columns.items()}) for frame in (past.purchases, certain, late)
    ]
    return pl.concat([source.join(refunds, on=PURCHASE, how="semi") for source in sources])


def _taken(refunds: pl.DataFrame, booked: pl.DataFrame, past: Past) -> pl.DataFrame:
    """What refunds booked before each refund's day took from its purchase: row_no, taken_fen, taken_voucher_fen."""
    sums = ["amount_fen", "voucher_fen"]
    before = past.refunds.select(*PURCHASE, *sums, booked_on=pl.lit(None, pl.Date))
    beside = booked.filter(pl.col("kind") == "refund").select(*PURCHASE, *sums, booked_on="business_date")
    pairs = refunds.select("row_no", "business_date", *PURCHASE).join(pl.concat([before, beside]), on=PURCHASE)
    earlier = pairs.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") < pl.col("business_date")))
    return earlier.group_by("row_no").agg(
        taken_fen=pl.col("amount_fen").cast(pl.Int128).sum(),
        taken_voucher_fen=pl.col("voucher_fen").cast(pl.Int128).sum(),
    )
