"""The day's rows: parsed, refused for what they say themselves, and single."""

from datetime import timedelta

import numpy as np
import pandas as pd

from bench.peers.pandas_night.files import days, moments, ten_thousandths, texts, whole
from bench.task import Task

CELLS = (
    "txn_id",
    "kind",
    "occurred_at",
    "member_id",
    "merchant_id",
    "amount",
    "voucher_amount",
    "concession_rate",
    "original_txn_id",
    "original_date",
    "channel",
)


class Refused:
    """What is not booked, and why."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

    def add(self, ids: "pd.Series[str]", reason: str | np.ndarray) -> None:
        """Rows of these ids."""
        self.parts.append(pd.DataFrame({"txn_id": ids, "reason": reason}))

    def sift(self, frame: pd.DataFrame, **reasons: "pd.Series[bool]") -> pd.DataFrame:
        """What no reason refuses; of several, the first counts. Not to know is to refuse."""
        names = np.select([mask.fillna(True).to_numpy(bool) for mask in reasons.values()], list(reasons), "")
        bad = names != ""
        self.add(frame.txn_id[bad], names[bad])
        return frame[~bad].reset_index(drop=True)


def arrived(task: Task, late_days: int, refused: Refused) -> pd.DataFrame:
    """Rows that can be judged by what others say, one of each id."""
    cells = texts(task.feed("transactions"), CELLS)
    return _single(_sound(_typed(cells), pd.Timestamp(task.day), late_days, refused), refused)


def _typed(cells: pd.DataFrame) -> pd.DataFrame:
    """A column missing where its text means nothing; `own_given`: a rate was."""
    purchase, refund = cells.kind == "purchase", cells.kind == "refund"
    own = cells.concession_rate.where(purchase)
    moment = moments(cells.occurred_at)
    typed = {
        "moment": moment,
        "own_date": moment.dt.normalize(),
        "member_id": whole(cells.member_id),
        "merchant_id": whole(cells.merchant_id),
        "amount": ten_thousandths(cells.amount),
        "voucher": ten_thousandths(cells.voucher_amount.fillna("0")),
        "own_bp": ten_thousandths(own),
        "own_given": own.notna(),
        "original_txn_id": cells.original_txn_id.where(refund),
        "original_date": days(cells.original_date.where(refund)),
        "channel": cells.channel.fillna("online"),
    }
    return cells[["txn_id", "kind"]].assign(**typed)


def _sound(typed: pd.DataFrame, day: pd.Timestamp, late_days: int, refused: Refused) -> pd.DataFrame:
    refund = typed.kind == "refund"
    malformed = (
        typed[["txn_id", "moment", "member_id", "merchant_id", "amount", "voucher"]].isna().any(axis=1)
        | ~typed.kind.isin(["purchase", "refund"])
        | (typed[["member_id", "merchant_id"]] <= 0).any(axis=1)
        | ~typed.channel.isin(["online", "offline"])
        | (typed.own_given & typed.own_bp.isna())
        | (refund & typed[["original_txn_id", "original_date"]].isna().any(axis=1))
    )
    amount, voucher = typed.amount, typed.voucher
    sound = refused.sift(
        typed,
        malformed=malformed,
        bad_amount=(amount <= 0) | (amount % 100 != 0) | (voucher < 0) | (voucher % 100 != 0) | (voucher > amount),
        future_dated=typed.own_date > day,
        too_late=typed.own_date < day - timedelta(days=late_days),
    )
    sound["amount_fen"] = (sound.pop("amount") // 100).astype("int64")
    sound["voucher_fen"] = (sound.pop("voucher") // 100).astype("int64")
    return sound.drop(columns="own_given").astype({"member_id": "int64", "merchant_id": "int64"})


def _single(sound: pd.DataFrame, refused: Refused) -> pd.DataFrame:
    """Of rows with one id: the first, if all are equal, otherwise none."""
    repeated = sound[sound.txn_id.duplicated(keep=False)]
    different = repeated.drop_duplicates()
    clashing = different.txn_id[different.txn_id.duplicated()]
    clash, again = repeated.txn_id.isin(clashing), repeated.txn_id.duplicated()
    refused.add(repeated.txn_id[clash], "conflicting_duplicate")
    refused.add(repeated.txn_id[again & ~clash], "duplicate")
    return sound.drop(index=repeated.index[clash | again])
