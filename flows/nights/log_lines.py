"""How much a stage has done, in rows and amounts, as one line for its log."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import singledispatch
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.pools.book import PoolBook
from lake.runs.run import Run
from schemas.units import WIDE
from transforms.books.controls import Control

SUMMED: Final = ("amount_fen", "concession_fen", "points_fen")
"""Columns whose sums say how much a table holds, in hundredths."""


@singledispatch
def measured(result: object) -> str:
    """Rows and amounts of a stage's result; empty if it has none. A dataclass is told frame by frame."""
    if not is_dataclass(result):
        return ""
    frames = {field.name: getattr(result, field.name) for field in fields(result)}
    return "; ".join(
        f"{name} {measured(frame)}" for name, frame in frames.items() if isinstance(frame, pl.DataFrame) and len(frame)
    )


@measured.register
def _(result: pl.DataFrame) -> str:
    sums = result.select(pl.col(column).cast(WIDE).sum() for column in SUMMED if column in result.columns)
    amounts = [f"{name.removesuffix('_fen')} {_amount(value)}" for name, value in sums.to_dict(as_series=False).items()]
    return ", ".join([f"{result.height:,} rows", *amounts] if result.height else ["0 rows"])


@measured.register
def _(result: PoolBook) -> str:
    dividends = f"dividends {_amount([sum(result.dividends.values())])}"
    return f"{dividends}, {_proved(result.controls)}" if result.controls else dividends


@measured.register
def _(result: list) -> str:  # type: ignore[type-arg]
    controls = [control for control in result if isinstance(control, Control)]
    return _proved(controls) if controls else ""


@measured.register
def _(result: Mapping) -> str:  # type: ignore[type-arg]
    # The sums of all balances, by holder kind and asset.
    return ", ".join(f"{kind} {asset} {_amount([fen])}" for (kind, asset), fen in sorted(result.items()))


@measured.register
def _(result: Run) -> str:
    return (
        f"run {result.run_id}: {result.first_date} to {result.last_date}, {result.rows_in:,} rows in = "
        f"{result.rows_booked:,} booked + {result.rows_quarantined:,} quarantined"
    )


@measured.register
def _(result: Path) -> str:
    return str(result)


def _proved(controls: Iterable[Control]) -> str:
    passed = [control.passed for control in controls]
    return f"{sum(passed):,} of {len(passed):,} controls passed"


def _amount(fen: list[int]) -> str:
    whole, part = divmod(abs(int(fen[0])), 100)
    return f"{'-' if fen[0] < 0 else ''}{whole:,}.{part:02}"
