"""What faulty rows are made from: good rows, as text."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from simulator.spec import WorldSpec
from simulator.writing import as_text, transactions

Row = dict[str, str | None]
"""A transaction as the cells of a CSV file, by column."""


@dataclass(frozen=True)
class Material:
    """What one faulty row is made from.

    `fresh`: a purchase that nothing else uses. `twin`: a purchase booked today. `bought`: one booked before
    today (None in the first days), with what is `left` of it in yuan. Ids beyond `last_member` and
    `last_merchant` do not exist.
    """

    today: date
    fresh: Row
    twin: Row
    bought: Row | None
    bought_on: date
    left: Decimal
    last_member: int
    last_merchant: int


def materials(
    spec: WorldSpec, today: date, fresh: pl.DataFrame, twins: pl.DataFrame, bought: pl.DataFrame
) -> list[Material]:
    """As many as there are fresh rows and twins for; all frames have the columns of purchases.SCHEMA."""
    bought_rows = _rows(bought)
    left = bought["amount_left_fen"].to_list()
    dates = bought["booked_day"].cast(pl.Date).to_list()
    return [
        Material(
            today=today,
            fresh=fresh_row,
            twin=twin,
            bought=bought_rows[number] if number < len(bought_rows) else None,
            bought_on=dates[number] if number < len(bought_rows) else today,
            left=Decimal(left[number] if number < len(bought_rows) else 0).scaleb(-2),
            last_member=spec.members,
            last_merchant=spec.merchants,
        )
        for number, (fresh_row, twin) in enumerate(zip(_rows(fresh), _rows(twins), strict=False))
    ]


def _rows(frame: pl.DataFrame) -> list[Row]:
    return as_text(transactions(frame, "csv")).to_dicts()
