"""A holder's account as a bank statement, from the warehouse: opening balances, what was booked, closing balances."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from marts.reading import open_warehouse, row, rows

ASSETS: Final = ("cash", "voucher", "points", "coins")
"""In the order in which a statement tells them."""


@dataclass(frozen=True)
class Account:
    """One asset of a holder. `entries`: business_date, value_date, description, amount, balance (after it)."""

    asset: str
    opening: Decimal
    entries: list[dict[str, Any]]
    closing: Decimal


def statement(
    warehouse: Path, holder_kind: str, holder_id: int, first: date | None, last: date | None
) -> tuple[date, list[Account]]:
    """The last settled day, and the accounts that have ever moved. `first`, `last`: business dates, None: all.

    Raises InputMissingError (11) if there is no warehouse, StorageError (1) if it cannot be read.
    """
    with open_warehouse(warehouse) as connection:
        settled: date = row(connection, "select max(business_date) as day from days")["day"]
        found = rows(
            connection,
            "select asset, business_date, value_date, description, amount, balance from holder_statement(?, ?)",
            [holder_kind, holder_id],
        )
    by_asset = {asset: [each for each in found if each["asset"] == asset] for asset in ASSETS}
    return settled, [_account(asset, lines, first, last) for asset, lines in by_asset.items() if lines]


def _account(asset: str, lines: list[dict[str, Any]], first: date | None, last: date | None) -> Account:
    before = [each for each in lines if first is not None and each["business_date"] < first]
    shown = [each for each in lines[len(before) :] if last is None or each["business_date"] <= last]
    opening = before[-1]["balance"] if before else Decimal("0.00")
    entries = [{name: value for name, value in each.items() if name != "asset"} for each in shown]
    return Account(asset, opening, entries, shown[-1]["balance"] if shown else opening)
