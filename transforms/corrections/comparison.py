"""Stored rows beside their recomputation (SPEC 14, verify): which rows differ, and the first of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from schemas.tables import LEDGER, Table
from schemas.units import WIDE

SURPLUS: Final = "surplus"
_SEQUENCE: Final = ("business_date", "cutoff_date", "month", "event_no", "cohort_no")
"""What comes first in time, in tables that have it; then the key."""

_WIDEST: Final = 60
"""Letters of a cell that a message shows."""
_POSTED_BY: Final = ("holder_kind", "holder_id", "asset", "kind", "pool")

LEDGER_SUMS: Final = Table(
    "ledger, all days summed",
    {**{name: LEDGER.schema[name] for name in _POSTED_BY}, "sum_fen": WIDE},
    key=_POSTED_BY,
)
JOURNAL_SUMS: Final = Table(
    "journal, all days summed",
    {"kind": pl.String, "account": pl.String, "credit_less_debit_fen": WIDE},
    key=("kind", "account"),
)

Cells = Mapping[str, object]


@dataclass(frozen=True)
class Difference:
    """`rows` rows of `table` differ; `key` is the first one's, by date and then by key: its date, if any, and its key.

    `stored`, `recomputed`: the first one's cells that differ, all cells beside the key if only one side has the row;
    None on the side that lacks it. Amounts in hundredths, as the columns' names say.
    """

    table: str
    rows: int
    key: Cells
    stored: Cells | None
    recomputed: Cells | None

    def __str__(self) -> str:
        count = f"{self.rows:,} row differs" if self.rows == 1 else f"{self.rows:,} rows differ"
        sides = f"stored: {_told(self.stored)}; recomputed: {_told(self.recomputed)}"
        return f"{self.table}: {count}, the first at {_told(self.key)}; {sides}"


def without(table: Table, columns: Collection[str]) -> Table:
    """`table` without some columns that are not its key's, for a comparison that leaves them out."""
    schema = {name: dtype for name, dtype in table.schema.items() if name not in columns}
    return replace(table, schema=schema)


def ledger_sums(ledger: pl.LazyFrame) -> pl.LazyFrame:
    """LEDGER_SUMS rows: what each holder got of an asset by kind and pool, of any origin; sums of zero left out."""
    sums = ledger.group_by(_POSTED_BY).agg(sum_fen=pl.col("amount_fen").cast(WIDE).sum())
    return sums.filter(pl.col("sum_fen") != 0).sort(_POSTED_BY)


def journal_sums(journal: pl.LazyFrame) -> pl.LazyFrame:
    """JOURNAL_SUMS rows: what each kind brought to each account; sums of zero left out."""
    credit = pl.col("credit_fen").cast(WIDE) - pl.col("debit_fen").cast(WIDE)
    sums = journal.group_by("kind", "account").agg(credit_less_debit_fen=credit.sum())
    return sums.filter(pl.col("credit_less_debit_fen") != 0).sort("kind", "account")


def differing(stored: pl.DataFrame, recomputed: pl.DataFrame) -> pl.DataFrame:
    """Rows that one side has more often than the other: all columns, and `surplus` (how often more on `stored`).

    Both sides have the same columns; their order of rows does not matter, but equal orders compare fastest.
    """
    columns = recomputed.columns
    counted = recomputed.schema | {SURPLUS: pl.Int64()}
    if stored.select(columns).equals(recomputed):
        return pl.DataFrame(schema=counted)
    sides = [
        frame.select(*columns, pl.lit(sign, pl.Int64).alias(SURPLUS)) for frame, sign in ((stored, 1), (recomputed, -1))
    ]
    return pl.concat(sides).group_by(columns).agg(pl.col(SURPLUS).sum()).filter(pl.col(SURPLUS) != 0)


def difference(table: Table, rows: pl.DataFrame) -> Difference | None:
    """What to say of rows of `differing`; None if there are none. A changed row counts once, not once a side."""
    if rows.is_empty():
        return None
    key = list(table.key)
    order = [name for name in _SEQUENCE if name in table.schema] + key
    first = rows.sort([*order, SURPLUS], nulls_last=True).head(1)
    of_key = rows.join(first.select(key), on=key, nulls_equal=True).sort(rows.columns, nulls_last=True)
    stored = _cells(of_key.filter(pl.col(SURPLUS) > 0), key)
    recomputed = _cells(of_key.filter(pl.col(SURPLUS) < 0), key)
    if stored is not None and recomputed is not None:
        apart = [name for name in stored if stored[name] != recomputed[name]]
        stored, recomputed = ({name: side[name] for name in apart} for side in (stored, recomputed))
    # A key without its date, as that of refunds, would not say which of its rows is meant.
    dates = [name for name in order if name not in key]
    shown = first.select(*dates, *key).to_dicts()[0]
    return Difference(table.name, _count(rows, key), shown, stored, recomputed)


def added(one: Difference | None, other: Difference | None) -> Difference | None:
    """Two parts of one table together, told by the one whose row comes first."""
    if one is None or other is None:
        return one or other
    return replace(min(one, other, key=_place), rows=one.rows + other.rows)


def _place(found: Difference) -> list[tuple[bool, object]]:
    values = [*(found.key[name] for name in _SEQUENCE if name in found.key), *found.key.values()]
    return [(value is None, value) for value in values]


def changed_days(stored: pl.DataFrame, recomputed: pl.DataFrame, column: str) -> list[date]:
    """Days of two DAYS frames whose `column`, a fingerprint, is not the same; ascending."""
    both = stored.select("business_date", was=column).join(
        recomputed.select("business_date", now=column), on="business_date"
    )
    return both.filter(pl.col("was") != pl.col("now"))["business_date"].sort().to_list()


def _cells(rows: pl.DataFrame, key: list[str]) -> dict[str, object] | None:
    found = rows.drop(SURPLUS, *key).head(1).to_dicts()
    # A table whose columns are all key has rows without further cells.
    return (found[0] if found else {}) if rows.height else None


def _count(rows: pl.DataFrame, key: list[str]) -> int:
    surplus = pl.col(SURPLUS)
    sides = rows.group_by(key).agg(
        stored=surplus.filter(surplus > 0).sum(), recomputed=(0 - surplus.filter(surplus < 0)).sum()
    )
    return int(sides.select(pl.max_horizontal("stored", "recomputed").sum()).item())


def _told(cells: Cells | None) -> str:
    if cells is None:
        return "no such row"
    told = {name: str(value) for name, value in cells.items() if value is not None}
    return ", ".join(
        f"{name} {text if len(text) <= _WIDEST else text[:_WIDEST] + '...'}" for name, text in told.items()
    )
