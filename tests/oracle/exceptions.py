"""Balances below zero: voucher, coins and cash, why, and since the end of which day."""

from collections import Counter
from datetime import date
from typing import Any

from tests.oracle.settlement import Settlement
from tests.oracle.units import money

NEGATIVE_BALANCE = "negative_balance"
"""What stands in `exceptions.reason`: the SPEC gives no word for it."""


def held(settlement: Settlement) -> Counter[tuple[str, int, str]]:
    """What each holder has of an asset."""
    sums: Counter[tuple[str, int, str]] = Counter()
    for ledger in settlement.ledgers:
        sums.update(ledger.balances())
    return sums


def exceptions(settlement: Settlement) -> list[tuple[Any, ...]]:
    """Rows of the table, in any order."""
    last = settlement.days[-1] if settlement.days else date.min
    since = _below_zero_since(settlement)
    return [
        (last, *key, money(amount), _reason(settlement, key), since[key], (last - since[key]).days)
        for key, amount in held(settlement).items()
        if amount < 0 and key[2] in ("voucher", "coins", "cash")
    ]


def _below_zero_since(settlement: Settlement) -> dict[tuple[str, int, str], date]:
    """Day by day: who is below zero at its end, and on which day that began."""
    balances: Counter[tuple[str, int, str]] = Counter()
    since: dict[tuple[str, int, str], date] = {}
    for day, ledger in zip(settlement.days, settlement.ledgers, strict=True):
        for key, amount in ledger.balances().items():
            balances[key] += amount
            if balances[key] >= 0:
                since.pop(key, None)
            else:
                since.setdefault(key, day)
    return since


def _reason(settlement: Settlement, key: tuple[str, int, str]) -> str:
    """Cash: whether it was earned below zero, or paid beyond what was earned. Of partners nobody keeps what each earns
    where a share can be below zero."""
    if key[2] != "cash":
        return NEGATIVE_BALANCE
    rows = [(row, amount) for ledger in settlement.ledgers for row, amount in ledger.posted() if row[5] != "payout"]
    if key[0] == "partner":
        return "cash_below_zero" if any(month.partner_amount < 0 for month in settlement.agent_months) else "overpaid"
    return "negative_earnings" if sum(amount for row, amount in rows if row[2:5] == key) < 0 else "overpaid"
