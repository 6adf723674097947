"""What the oracle answers for tiny worlds: amounts of a holder, reasons of the quarantine."""

from decimal import Decimal
from typing import Any

from tests.tiny import FIRST, purchase

Rows = dict[str, list[tuple[Any, ...]]]


def posted(tables: Rows, kind: str, holder_kind: str, holder_id: int) -> list[tuple[int, Decimal]]:
    """Business day (the first is 1) and amount of a holder's ledger rows of a kind."""
    return [
        ((row[0] - FIRST).days + 1, row[8])
        for row in tables["ledger"]
        if (row[5], row[2], row[3]) == (kind, holder_kind, holder_id)
    ]


def total(tables: Rows, kind: str, holder_kind: str, holder_id: int) -> Decimal:
    return sum((amount for _, amount in posted(tables, kind, holder_kind, holder_id)), Decimal(0))


def reasons(tables: Rows) -> dict[str, str]:
    return {row[2]: row[3] for row in tables["quarantine"]}


def growing(days: int) -> dict[int, list[str]]:
    """Member 1 has 200.00 points on day 1; member 2 makes the pool grow by 15 % every day from then on."""
    rows, value = {1: [purchase("p", 1, "2000")]}, 20000
    for number in range(2, days + 1):
        points = -(-value * 15 // 100)
        value += points
        rows[number] = [purchase("q", number, f"{points // 10}.{points % 10}", member=2)]
    return rows
