"""The reference files, parsed."""

from dataclasses import dataclass

import pandas as pd

from bench.peers.pandas_night.files import moments, ten_thousandths, texts
from bench.task import Task


@dataclass(frozen=True)
class Reference:
    """Members; merchants by the moment from which they are so; who has brought a merchant; bindings."""

    members: pd.DataFrame
    merchants: pd.DataFrame
    promoters: pd.DataFrame
    bindings: pd.DataFrame


def reference(task: Task) -> Reference:
    """All that a night needs of them."""
    return Reference(_members(task), _merchants(task), _promoters(task), _bindings(task))


def _members(task: Task) -> pd.DataFrame:
    members = texts([task.reference("members")], ["member_id", "joined_at", "referrer_id"])
    members["joined_at"] = moments(members.joined_at)
    return members.astype({"member_id": "int64", "referrer_id": "Int64"})


def _merchants(task: Task) -> pd.DataFrame:
    merchants = texts([task.reference("merchants")], ["merchant_id", "valid_from", "region_code", "concession_rate"])
    merchants["valid_from"] = moments(merchants.valid_from)
    merchants["shop_bp"] = ten_thousandths(merchants.pop("concession_rate")).astype("int64")
    return merchants.astype({"merchant_id": "int64"}).sort_values("valid_from", ignore_index=True)


def _promoters(task: Task) -> pd.DataFrame:
    brought = texts([task.reference("merchant_promoters")], ["merchant_id", "promoter_id", "valid_from"])
    brought = brought[brought.valid_from <= task.day.isoformat()].sort_values("valid_from")
    last = brought.drop_duplicates("merchant_id", keep="last")[["merchant_id", "promoter_id"]]
    return last.astype({"merchant_id": "int64", "promoter_id": "Int64"})


def _bindings(task: Task) -> pd.DataFrame:
    """The first of each member."""
    bindings = texts([task.reference("bindings")], ["member_id", "merchant_id", "bound_at"])
    bindings = bindings.astype({"member_id": "int64", "merchant_id": "int64"})
    bindings["bound_at"] = moments(bindings.bound_at)
    first = bindings.sort_values(["bound_at", "merchant_id"]).drop_duplicates("member_id")
    return first.rename(columns={"merchant_id": "bound_merchant_id"}).astype({"bound_merchant_id": "Int64"})
