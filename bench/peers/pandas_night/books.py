"""Ledger rows of what was booked and of what was moved."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from bench.peers.pandas_dividends import entitled
from bench.peers.pandas_night.files import moments, ten_thousandths, texts, whole
from bench.peers.pandas_night.reference import Reference
from bench.peers.rates import PICO
from bench.task import Task

LEDGER = ["holder_kind", "holder_id", "asset", "kind", "pool", "amount_fen"]
FEEDS = {
    "coin_redemptions": ["redemption_id", "occurred_at", "holder_kind", "holder_id", "coins"],
    "payouts": ["payout_id", "occurred_at", "holder_kind", "holder_id", "asset", "amount"],
}


def entries(holder_kind: str, asset: str, kind: str, amounts: "pd.Series[int]", pool: str = "") -> pd.DataFrame:
    """Ledger rows of amounts by holder, without those of nothing."""
    found = amounts[amounts != 0].astype("int64")
    made = pd.DataFrame({"holder_id": found.index.astype("int64"), "amount_fen": found.to_numpy()})
    return made.assign(holder_kind=holder_kind, asset=asset, kind=kind, pool=pool)[LEDGER]


def ledger(booked: pd.DataFrame, moved: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """All of the night's ledger but dividends and clawbacks."""
    sign = np.where(booked.kind == "purchase", 1, -1)
    booked = booked.assign(spent_fen=-sign * booked.voucher_fen, sold_fen=sign * booked.amount_fen)
    members = booked.groupby("member_id")[["points_fen", "member_coins_fen", "spent_fen"]].sum()
    merchants = booked.groupby("merchant_id")[["points_fen", "sold_fen", "concession_fen"]].sum()
    bound = booked.groupby("bound_merchant_id").points_fen.sum()
    referred = booked.groupby("referrer_id").points_fen.sum()
    parts = [
        entries("member", "points", "points_earned", members.points_fen),
        entries("member", "coins", "coins_earned", members.member_coins_fen),
        entries("member", "voucher", "redemption", members.spent_fen),
        entries("merchant", "points", "points_earned", merchants.points_fen),
        entries("merchant", "cash", "sales_proceeds", merchants.sold_fen - merchants.concession_fen),
        entries("merchant", "voucher", "binding_reward", _share(bound, rules["binding"]["rate"])),
        entries("member", "voucher", "referral_reward", _share(referred, rules["referral"]["rate"])),
    ]
    for (holder_kind, asset), amounts in moved.groupby(["holder_kind", "asset"]):
        kind = "coins_redeemed" if asset == "coins" else "payout"
        parts.append(entries(holder_kind, asset, kind, -amounts.groupby("holder_id").amount_fen.sum()))
    return pd.concat(parts, ignore_index=True)


def _share(points: "pd.Series[int]", rate: str) -> "pd.Series[int]":
    pico = pd.Series(int(Decimal(rate) * PICO), index=points.index)
    return np.sign(points) * entitled(points.abs(), pico)


def movements(task: Task, rules: dict[str, Any], known: Reference) -> pd.DataFrame:
    """Coins that were redeemed and balances that were paid out."""
    coins, paid = (texts(task.feed(name), columns) for name, columns in FEEDS.items())
    coins = coins.rename(columns={"coins": "amount"}).assign(asset="coins")
    cells = pd.concat([coins, paid], ignore_index=True)
    cells["moment"] = moments(cells.occurred_at)
    cells["holder_id"] = whole(cells.holder_id)
    cells["amount"] = ten_thousandths(cells.amount)
    first = known.merchants.groupby("merchant_id").valid_from.min()
    joined = known.members.set_index("member_id").joined_at
    since = cells.holder_id.map(joined).where(cells.holder_kind == "member")
    since = since.fillna(cells.holder_id.map(first).where(cells.holder_kind == "merchant"))
    oldest = pd.Timestamp(task.day - timedelta(days=rules["intake"]["late_days"]))
    on = cells.moment.dt.normalize()
    good = (cells.amount > 0) & (cells.amount % 100 == 0) & on.between(oldest, pd.Timestamp(task.day))
    moved = cells[good & (since <= cells.moment)].astype({"holder_id": "int64"})
    return moved.assign(amount_fen=(moved.amount // 100).astype("int64"))
