"""What arrived, judged by the reference files and the lake, and booked with what it earns."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from bench.peers.pandas_night.files import rows
from bench.peers.pandas_night.intake import Refused, arrived
from bench.peers.pandas_night.reference import Reference
from bench.task import Task

OF_PURCHASE = {
    "txn_id": "str",
    "business_date": "datetime64[s]",
    "member_id": "Int64",
    "merchant_id": "Int64",
    "amount_fen": "int64",
    "voucher_fen": "int64",
    "concession_rate_pico": "int64",
    "bound_merchant_id": "Int64",
    "referrer_id": "Int64",
    "promoter_id": "Int64",
    "region_code": "str",
    "lot_date": "datetime64[s]",
}
TAKEN = {"original_date": "datetime64[s]", "original_txn_id": "str", "amount_fen": "int64", "voucher_fen": "int64"}
NAMED = ["original_date", "original_txn_id"]
THEIRS = {
    "txn_id": "original_txn_id",
    "business_date": "original_date",
    "member_id": "their_member",
    "merchant_id": "their_merchant",
    "amount_fen": "bought_fen",
    "voucher_fen": "bought_voucher_fen",
}


def booked(task: Task, rules: dict[str, Any], known: Reference, refused: Refused) -> pd.DataFrame:
    """Purchases and refunds."""
    came = arrived(task, rules["intake"]["late_days"], refused)
    judged = _judged(task, rules, known, came, refused)
    bought = _purchases(judged[judged.kind == "purchase"], known, pd.Timestamp(task.day))
    both = pd.concat([bought, _refunds(task, judged[judged.kind == "refund"], bought, refused)], ignore_index=True)
    coins = both.concession_fen * int(rules["earning"]["member_coins_per_yuan"])
    late = both.own_date < pd.Timestamp(task.day)
    return both.assign(points_fen=both.concession_fen, member_coins_fen=coins, is_late=late)


def _judged(task: Task, rules: dict[str, Any], known: Reference, came: pd.DataFrame, refused: Refused) -> pd.DataFrame:
    met = came.merge(known.members, on="member_id", how="left").sort_values("moment")
    met = pd.merge_asof(met, known.merchants, left_on="moment", right_on="valid_from", by="merchant_id")
    met["rate_bp"] = met.own_bp.fillna(met.shop_bp)
    low, high = (int(Decimal(rules["earning"][name]) * 10_000) for name in ("concession_min", "concession_max"))
    judged = refused.sift(
        met,
        already_booked=_already_booked(task, rules["intake"]["late_days"], met),
        unknown_member=~(met.joined_at <= met.moment),
        unknown_merchant=met.region_code.isna(),
        concession_out_of_range=(met.kind == "purchase") & ~met.rate_bp.between(low, high),
    )
    return judged.astype({"rate_bp": "int64"})


def _already_booked(task: Task, late_days: int, met: pd.DataFrame) -> "pd.Series[bool]":
    late = met.own_date < pd.Timestamp(task.day)
    oldest = (task.day - timedelta(days=late_days)).isoformat()
    paths = task.paths("transactions", business_date=lambda value: value >= oldest)
    same = pc.field("txn_id").isin(met.txn_id[late].tolist())
    found = rows(paths, {"txn_id": "str", "business_date": "datetime64[s]"}, same)
    return late & (met.txn_id.map(found.groupby("txn_id").business_date.max()) >= met.own_date)


def _purchases(judged: pd.DataFrame, known: Reference, day: pd.Timestamp) -> pd.DataFrame:
    bought = judged.merge(known.bindings, on="member_id", how="left")
    bought = bought.merge(known.promoters, on="merchant_id", how="left")
    bought["bound_merchant_id"] = bought.bound_merchant_id.where(bought.moment > bought.bound_at)
    bought["concession_fen"] = (bought.amount_fen * bought.rate_bp + 5000) // 10_000
    return bought.assign(lot_date=day)


def _refunds(task: Task, asked: pd.DataFrame, bought: pd.DataFrame, refused: Refused) -> pd.DataFrame:
    asked = asked.drop(columns=["referrer_id", "region_code", "rate_bp"])
    met = asked.merge(_named(task, asked, bought), on=NAMED, how="left", indicator=True)
    met = refused.sift(
        met,
        unknown_original=met["_merge"] == "left_only",
        refund_mismatch=(met.member_id != met.their_member) | (met.merchant_id != met.their_merchant),
    )
    met = met.merge(_taken(task, asked), on=NAMED, how="left").sort_values([*NAMED, "txn_id"])
    met = met.fillna({"taken_fen": 0, "taken_voucher_fen": 0}).astype(
        dict.fromkeys(("bought_fen", "bought_voucher_fen", "taken_fen", "taken_voucher_fen", "rate_bp"), "int64")
    )
    walk = met.groupby(NAMED)
    left = met.bought_fen - met.taken_fen - walk.amount_fen.cumsum()
    voucher = met.bought_voucher_fen - met.taken_voucher_fen - walk.voucher_fen.cumsum()
    over = ((left < 0) | (voucher < 0) | (voucher > left)).groupby([met[name] for name in NAMED]).cummax()
    before = ((left + met.amount_fen) * met.rate_bp + 5000) // 10_000
    met["concession_fen"] = (left * met.rate_bp + 5000) // 10_000 - before
    return refused.sift(met, refund_exceeds_purchase=over)


def _named(task: Task, asked: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """The purchases that refunds name, of days before and of this one."""
    named = set(asked.original_date.dt.strftime("%Y-%m-%d"))
    paths = task.paths("transactions", business_date=lambda value: value in named)
    wanted = (pc.field("kind") == "purchase") & pc.field("txn_id").isin(asked.original_txn_id.tolist())
    earlier = rows(paths, OF_PURCHASE, wanted)
    earlier["rate_bp"] = earlier.pop("concession_rate_pico") // 10**8
    today = bought[bought.txn_id.isin(asked.original_txn_id)].assign(business_date=pd.Timestamp(task.day))
    return pd.concat([earlier, today[list(earlier.columns)]], ignore_index=True).rename(columns=THEIRS)


def _taken(task: Task, asked: pd.DataFrame) -> pd.DataFrame:
    """What earlier refunds took from the same purchases."""
    wanted = pc.field("original_txn_id").isin(asked.original_txn_id.tolist())
    taken = rows(task.paths("refunds"), TAKEN, wanted).groupby(NAMED, as_index=False).sum()
    return taken.rename(columns={"amount_fen": "taken_fen", "voucher_fen": "taken_voucher_fen"})
