"""Intake, steps 1 and 2: what a row says, and whether it can be read at all (SPEC 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.cells import in_fen, read_date, read_identifier, read_moment, read_number, read_rate
from tests.oracle.feeds import RawRow

ACCOUNTS = {"cash": ("merchant", "promoter", "agent", "partner"), "voucher": ("member", "merchant")}


@dataclass(frozen=True)
class Reading:
    """A row that passed step 1. `content`: the values that its kind uses but for the rate applied, for step 5."""

    row_id: str
    occurred_at: datetime
    amount: Fraction
    voucher: Fraction
    values: dict[str, Any]

    @property
    def good_amount(self) -> bool:
        """Step 2."""
        return (
            self.amount > 0
            and in_fen(self.amount) is not None
            and 0 <= self.voucher <= self.amount
            and in_fen(self.voucher) is not None
        )

    @property
    def content(self) -> tuple[Any, ...]:
        said = {name: value for name, value in self.values.items() if name != "concession_rate"}
        return (self.occurred_at, self.amount, self.voucher, *sorted(said.items()))


def _required(cells: dict[str, str | None], column: str, reader: Callable[[str], Any]) -> Any:
    """The value; ValueError where it is missing or cannot be read."""
    text = cells[column]
    value = None if text is None else reader(text)
    if value is None:
        raise ValueError(column)
    return value


def _optional(cells: dict[str, str | None], column: str, reader: Callable[[str], Any], empty: Any) -> Any:
    return empty if cells[column] is None else _required(cells, column, reader)


def _one_of(*allowed: str) -> Callable[[str], str | None]:
    return lambda text: text if text in allowed else None


def read_transaction(row: RawRow) -> Reading | None:
    return _read(row, _transaction)


def read_redemption(row: RawRow) -> Reading | None:
    return _read(row, _redemption)


def read_payout(row: RawRow) -> Reading | None:
    return _read(row, _payout)


def _read(row: RawRow, reader: Callable[[dict[str, str | None]], Reading]) -> Reading | None:
    if row.torn:
        return None
    try:
        return reader(row.cells)
    except ValueError:
        return None


def _transaction(cells: dict[str, str | None]) -> Reading:
    kind = _required(cells, "kind", _one_of("purchase", "refund"))
    values = {
        "kind": kind,
        "member_id": _required(cells, "member_id", read_identifier),
        "merchant_id": _required(cells, "merchant_id", read_identifier),
        "channel": _optional(cells, "channel", _one_of("online", "offline"), "online"),
    }
    if kind == "purchase":
        values["concession_rate"] = _optional(cells, "concession_rate", read_rate, None)
    else:
        values["original_txn_id"] = _required(cells, "original_txn_id", str)
        values["original_date"] = _required(cells, "original_date", read_date)
    return Reading(
        row_id=_required(cells, "txn_id", str),
        occurred_at=_required(cells, "occurred_at", read_moment),
        amount=_required(cells, "amount", read_number),
        voucher=_optional(cells, "voucher_amount", read_number, Fraction(0)),
        values=values,
    )


def _redemption(cells: dict[str, str | None]) -> Reading:
    return Reading(
        row_id=_required(cells, "redemption_id", str),
        occurred_at=_required(cells, "occurred_at", read_moment),
        amount=_required(cells, "coins", read_number),
        voucher=Fraction(0),
        values={
            "holder_kind": _required(cells, "holder_kind", _one_of("member", "merchant")),
            "holder_id": _required(cells, "holder_id", read_identifier),
        },
    )


def _payout(cells: dict[str, str | None]) -> Reading:
    asset = _required(cells, "asset", _one_of(*ACCOUNTS))
    return Reading(
        row_id=_required(cells, "payout_id", str),
        occurred_at=_required(cells, "occurred_at", read_moment),
        amount=_required(cells, "amount", read_number),
        voucher=Fraction(0),
        values={
            "asset": asset,
            "holder_kind": _required(cells, "holder_kind", _one_of(*ACCOUNTS[asset])),
            "holder_id": _required(cells, "holder_id", read_identifier),
        },
    )
