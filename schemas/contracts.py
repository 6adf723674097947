"""Contracts of the lake's tables, in Pandera: what must never be written, whatever a transform has done.

Expected bad rows are quarantined by expression long before; what breaks a contract is a defect, and the run stops.
A frame is checked whole, not lazily: Pandera looks at a LazyFrame's names and types only.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from schemas.errors import ControlFailedError
from schemas.tables import TABLES, Table
from schemas.units import LARGEST_FEN, LARGEST_RATE

if TYPE_CHECKING:
    import pandera.polars as pa

ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "holder_kind": ("member", "merchant", "promoter", "agent", "partner"),
    "asset": ("points", "coins", "voucher", "cash"),
    "origin": ("settlement", "restatement"),
    "trigger": ("launch", "growth", "deadline"),
    "channel": ("online", "offline"),
    "feed": ("transactions", "coin_redemptions", "payouts"),
}
"""Words that a column may hold, where the word is ours."""


@cache
def contract(name: str) -> "pa.DataFrameSchema":
    """The contract of a table: its columns in order, their types, what may be null, and what values may be."""
    import pandera.polars as pa  # noqa: PLC0415  (nearly a second, which a command that only reads should not wait)

    table = TABLES[name]
    columns = {column: _column(column, dtype, table) for column, dtype in table.schema.items()}
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=name)


def _column(name: str, dtype: pl.DataType | type[pl.DataType], table: Table) -> "pa.Column":
    import pandera.polars as pa  # noqa: PLC0415

    checks = []
    if dtype == pl.Int64 and name.endswith("_fen"):
        checks.append(pa.Check.in_range(-LARGEST_FEN, LARGEST_FEN))
    if dtype == pl.Int64 and name.endswith("_pico"):
        checks.append(pa.Check.in_range(0, LARGEST_RATE))
    if name.endswith("_id") and dtype == pl.Int64:
        checks.append(pa.Check.ge(1))
    if name in ALLOWED:
        checks.append(pa.Check.isin(ALLOWED[name]))
    return pa.Column(dtype, checks=checks, nullable=name in table.optional)


def validated(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` if it keeps the table's contract. Raises ControlFailedError (13), naming table, column and rule."""
    from pandera.errors import SchemaError  # noqa: PLC0415

    try:
        contract(table.name).validate(frame)
    except SchemaError as fault:
        raise ControlFailedError(
            f"a row breaks the contract of {table.name}: {str(fault).splitlines()[0]}",
            where=f"table {table.name}",
            todo="report this with the run's inputs: nothing of it was committed",
        ) from fault
    return frame
