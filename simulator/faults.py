"""Rows that intake has to refuse: every quarantine reason of SPEC 3, in every way that is worth meeting.

A fault takes a good row of text and spoils it. Few rows a day, so they are plain dictionaries.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from simulator.material import Material, Row

LATE_DAYS: Final = 30
"""The shipped rule (SPEC 11, intake.late_days)."""


Fault = Callable[[Material], Row | None]
"""None: not to be had today."""


def _spoil(column: str, value: str | None) -> Fault:
    return lambda material: material.fresh | {column: value}


def _no_offset(material: Material) -> Row:
    return material.fresh | {"occurred_at": (material.fresh["occurred_at"] or "")[:19]}


def _moved(material: Material, days: int) -> Row:
    clock = (material.fresh["occurred_at"] or "")[10:]
    return material.fresh | {"occurred_at": (material.today + timedelta(days=days)).isoformat() + clock}


def _voucher_above_amount(material: Material) -> Row:
    return material.fresh | {"voucher_amount": str(Decimal(material.fresh["amount"] or "0") + 1)}


def _duplicate(material: Material) -> Row:
    # the same by value, though not by letter
    return material.twin | {
        "amount": f"{material.twin['amount']}0",
        "channel": material.twin["channel"] or "online",
    }


def _conflicting(material: Material) -> Row:
    return material.twin | {"amount": str(Decimal(material.twin["amount"] or "0") + 1)}


def _already_booked(material: Material) -> Row | None:
    bought = material.bought
    oldest = (material.today - timedelta(days=LATE_DAYS)).isoformat()
    return bought if bought and (bought["occurred_at"] or "") >= oldest else None


def _refund(material: Material, amount: Decimal, **changes: str) -> Row | None:
    """A refund of `amount` on the older purchase, right but for `changes`."""
    if material.bought is None:
        return None
    refund: Row = {
        "txn_id": f"R{(material.fresh['txn_id'] or '')[1:]}",
        "kind": "refund",
        "occurred_at": (material.fresh["occurred_at"] or "").replace(
            (material.fresh["occurred_at"] or "")[:10], material.today.isoformat()
        ),
        "amount": str(amount),
        "voucher_amount": None,
        "concession_rate": None,
        "original_txn_id": material.bought["txn_id"],
        "original_date": material.bought_on.isoformat(),
    }
    return material.bought | refund | changes


CENT: Final = Decimal("0.01")


def _unknown_original(material: Material) -> Row | None:
    return _refund(material, CENT, original_txn_id=f"{material.fresh['txn_id']}X")


def _wrong_original_date(material: Material) -> Row | None:
    return _refund(material, CENT, original_date=(material.bought_on - timedelta(days=1)).isoformat())


def _mismatch(material: Material) -> Row | None:
    if material.bought is None or material.last_member == 1:
        return None
    return _refund(material, CENT, member_id="2" if material.bought["member_id"] == "1" else "1")


def _exceeds(material: Material) -> Row | None:
    return _refund(material, material.left + CENT)


def _missing_member(material: Material) -> Row:
    return material.fresh | {"member_id": str(material.last_member + 1)}


def _missing_merchant(material: Material) -> Row:
    return material.fresh | {"merchant_id": str(material.last_merchant + 1)}


FAULTS: Final[tuple[tuple[str, Fault], ...]] = (
    ("malformed", _spoil("member_id", None)),
    ("unknown_member", _missing_member),
    ("duplicate", _duplicate),
    ("bad_amount", _spoil("amount", "0.00")),
    ("too_late", lambda material: _moved(material, -LATE_DAYS - 1)),
    ("refund_exceeds_purchase", _exceeds),
    ("malformed", _spoil("amount", "1e3")),
    ("future_dated", lambda material: _moved(material, 1)),
    ("conflicting_duplicate", _conflicting),
    ("unknown_merchant", _missing_merchant),
    ("unknown_original", _unknown_original),
    ("bad_amount", _spoil("amount", "-5.00")),
    ("concession_out_of_range", _spoil("concession_rate", "0.25")),
    ("already_booked", _already_booked),
    ("malformed", _no_offset),
    ("refund_mismatch", _mismatch),
    ("bad_amount", _spoil("amount", "1.234")),
    ("duplicate", _duplicate),
    ("unknown_original", _wrong_original_date),
    ("malformed", _spoil("kind", "return")),
    ("too_late", lambda material: _moved(material, -LATE_DAYS - 15)),
    ("bad_amount", _voucher_above_amount),
    ("concession_out_of_range", _spoil("concession_rate", "0.0299")),
    ("malformed", _spoil("channel", "mail")),
)
"""The reason that intake has to give, and the fault; mixed so that few rows in turn meet many reasons."""


def spoil(materials: Iterable[Material], first: int, malformed: bool) -> list[Row]:
    """Faulty rows, in turn from the `first` fault on; a turn that cannot be, or must not, yields none."""
    rows: list[Row] = []
    for turn, material in enumerate(materials, start=first):
        reason, fault = FAULTS[turn % len(FAULTS)]
        row = fault(material) if malformed or reason != "malformed" else None
        if row is not None:
            rows.append(row)
    return rows
