"""The amounts of a holder: what was posted, and what should have been on days that were restated (SPEC 10, 14)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from flows.explain.rows import Books, dates_of
from schemas.tables import CORRECTIONS, LEDGER
from transforms.books.ledger import SETTLEMENT
from transforms.explain.model import Amount

KEY: Final = ("business_date", "value_date", "asset", "kind", "pool", "origin")
"""What tells a holder's rows apart, and their order."""


def amounts_of(books: Books, day: date | None) -> list[Amount]:
    """The holder's ledger rows by KEY: all of them, or those with this business date or value date.

    A row that a restated day should have had and has not is among them, with 0 posted.
    """
    days = None if day is None else dates_of(day)
    posted = _rows(books.ledger(LEDGER, days), day)
    due = _rows(books.ledger(CORRECTIONS, days), day) if books.restated else {}
    keys = posted.keys() | due.keys()
    amounts = (_amount(books, key, posted.get(key), due.get(key)) for key in sorted(keys))
    return [amount for amount in amounts if amount.amount_fen or amount.due_fen]


def by_day(amounts: Sequence[Amount]) -> Mapping[date, list[Amount]]:
    """Amounts by business date, in the order of their first."""
    days: defaultdict[date, list[Amount]] = defaultdict(list)
    for amount in amounts:
        days[amount.business_date].append(amount)
    return days


def _rows(rows: pl.DataFrame, day: date | None) -> dict[tuple[Any, ...], dict[str, Any]]:
    if day is not None:
        rows = rows.filter((pl.col("business_date") == day) | (pl.col("value_date") == day))
    return {tuple(row[name] for name in KEY): row for row in rows.iter_rows(named=True)}


def _amount(books: Books, key: tuple[Any, ...], posted: dict[str, Any] | None, due: dict[str, Any] | None) -> Amount:
    row = dict(zip(KEY, key, strict=True))
    fen = posted["amount_fen"] if posted else 0
    restated = row["origin"] == SETTLEMENT and row["business_date"] in books.restated
    return Amount(
        holder_kind=books.holder_kind,
        holder_id=books.holder_id,
        amount_fen=fen,
        due_fen=(due["amount_fen"] if due else 0) if restated else fen,
        run_id=posted["run_id"] if posted else None,
        restated_by=due["run_id"] if due and restated else None,
        **row,
    )
