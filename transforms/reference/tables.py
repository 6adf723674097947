"""One reference table from text to types, sorted by its key (SPEC 2; values: SPEC 3, step 1)."""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import chain
from typing import Final

import polars as pl

from schemas.feeds import row_schema
from schemas.reference import Column, Kind, ReferenceTable, Sheet, TextSheet
from schemas.units import PICO, RATE
from transforms.exact.grammar import parse_date, parse_id, parse_moment, parse_pico
from transforms.reference.rules import refuse_duplicates, refuse_first

FROM_THE_BEGINNING: Final = date.min
"""What an empty valid_from stands for, where it may be empty."""


def parse_table(rows: TextSheet, table: ReferenceTable) -> Sheet:
    """The typed rows of a table with their position, sorted by key (else by all columns), no key twice.

    A rate becomes Int64 in pico, named ``<name>_pico``. Each part's text is let go once it is typed.
    """
    empty = row_schema(table.column_names).to_frame()
    typed = pl.concat([_typed(Sheet(part, rows.file), table) for part in chain([empty], rows.parts)])
    # Rows come by position, and a stable sort keeps equal keys so; one more key would take ten times as long.
    ordered = typed.sort(*(table.key or table.column_names), maintain_order=True)
    parsed = Sheet(_opened(ordered, table).rename(_names_with_units(table)), rows.file)
    if table.key:
        refuse_duplicates(parsed, table.key)
    return parsed


def _typed(rows: Sheet, table: ReferenceTable) -> pl.DataFrame:
    refuse_first(rows, pl.col("torn").is_not_null(), "it has too few or too many cells")
    columns = [_PARSERS[column.kind](pl.col(column.name)) for column in table.columns]
    typed = rows.frame.lazy().select(*columns, "position").collect()
    for column in table.columns:
        _refuse_unreadable(rows, typed, column)
    return typed


def _refuse_unreadable(rows: Sheet, typed: pl.DataFrame, column: Column) -> None:
    """A value that is missing or cannot be read is a null too many."""
    text = pl.col(column.name)
    empty = rows.frame[column.name].null_count()
    if empty and not column.optional:
        refuse_first(rows, text.is_null(), f"{column.name} is required and empty")
    if typed[column.name].null_count() > empty:
        broken = text.is_not_null() & _PARSERS[column.kind](text).is_null()
        refuse_first(rows, broken, f"{column.name} has to be {column.kind.value}", value=column.name)


def _opened(typed: pl.DataFrame, table: ReferenceTable) -> pl.DataFrame:
    """An empty valid_from is the first day of all."""
    if "valid_to" not in table.column_names:
        return typed
    return typed.with_columns(pl.col("valid_from").fill_null(FROM_THE_BEGINNING))


def _names_with_units(table: ReferenceTable) -> dict[str, str]:
    rates = (Kind.RATE, Kind.SHARE)
    return {column.name: f"{column.name}_pico" for column in table.columns if column.kind in rates}


def _rate(text: pl.Expr) -> pl.Expr:
    return parse_pico(text).cast(RATE, strict=False)


def _share(text: pl.Expr) -> pl.Expr:
    share = _rate(text)
    return pl.when(share.is_between(0, PICO)).then(share)


def _matching(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: pl.when(text.str.contains(pattern)).then(text)


_PARSERS: Final[Mapping[Kind, Callable[[pl.Expr], pl.Expr]]] = {
    Kind.ID: parse_id,
    Kind.MOMENT: parse_moment,
    Kind.DATE: parse_date,
    Kind.RATE: _rate,
    Kind.SHARE: _share,
    Kind.REGION: _matching("^[0-9]{6}$"),
    Kind.PREFIX: _matching("^(?:[0-9]{2}|[0-9]{4}|[0-9]{6})$"),
    Kind.TEXT: lambda text: text,
}
