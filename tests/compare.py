"""The warehouse's tables beside the oracle's: read alike, and told apart legibly.

Shapes: what `tests.oracle.settle_world` returns. Moments are aware and in UTC; rows whose points, balance,
debit and credit are zero are left out, since it says nothing that they are there.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = tuple[Any, ...]
Tables = Mapping[str, list[Row]]

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "transactions": "business_date txn_id kind occurred_at member_id merchant_id amount voucher_amount"
        " concession_rate original_txn_id lot_date concession points member_coins merchant_coins"
        " bound_merchant_id referrer_id promoter_id region_code is_late",
        "quarantine": "business_date feed txn_id reason",
        "pool_days": "pool business_date inflow value",
        "pool_events": "pool event_no cutoff_date value_date trigger baseline value growth holders amount shortfall",
        "cohort_rates": "pool cohort_no event_no payout_no rate cumulative_rate",
        "positions": "pool cohort_no holder_id points",
        "ledger": "business_date value_date holder_kind holder_id asset kind pool origin amount",
        "balances": "holder_kind holder_id asset balance",
        "promoter_months": "month promoter_id level performance commission mentoring mentoring_unallocated"
        " fixed_subsidy bonus_subsidy next_level",
        "agent_months": "month agent_id region_prefix concession amount partner_amount",
        "journal": "business_date value_date kind account debit credit",
        "trial_balance": "account debit credit balance",
        "solvency": "business_date fund_balance voucher_liability remaining_ceiling coverage",
        "exceptions": "business_date holder_kind holder_id asset balance reason since days_below_zero",
    }.items()
}
"""SPEC 13's columns in its order; of `quarantine` all but `raw`, and `exceptions` with its aging."""

EARNING_TABLES = (
    "transactions",
    "quarantine",
    "pool_days",
    "pool_events",
    "cohort_rates",
    "positions",
    "ledger",
    "balances",
    "exceptions",
)
MONTHLY_TABLES = ("promoter_months", "agent_months")
BOOKS_TABLES = ("journal", "trial_balance", "solvency")
ALL_TABLES = EARNING_TABLES + MONTHLY_TABLES + BOOKS_TABLES

ZERO_WHEN: dict[str, tuple[str, ...]] = {
    "positions": ("points",),
    "balances": ("balance",),
    "journal": ("debit", "credit"),
    "trial_balance": ("debit", "credit"),
}
"""A row whose cells in these columns are all zero is left out, on both sides."""


def sort_key(row: Row) -> tuple[tuple[bool, Any], ...]:
    """Cell by cell; empty cells first."""
    return tuple((cell is not None, 0 if cell is None else cell) for cell in row)


def read_tables(warehouse: Path, names: Collection[str] = ALL_TABLES) -> dict[str, list[Row]]:
    """The named tables of a DuckDB warehouse, opened for reading only, in the oracle's shapes."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {name: _read_table(connection, name) for name in names}


def _read_table(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    columns = ", ".join(f'"{column}"' for column in COLUMNS[name])
    rows = connection.execute(f"SELECT {columns} FROM main.{name}").fetchall()
    return normal(name, ([_cell(name, cell) for cell in row] for row in rows))


def _cell(name: str, cell: Any) -> Any:
    assert not isinstance(cell, float), f"{name}: a binary float, {cell!r}"
    if isinstance(cell, datetime):
        assert cell.tzinfo is not None, f"{name}: a moment without a zone, {cell!r}"
        return cell.astimezone(UTC)
    return cell


def normal(name: str, rows: Iterable[Iterable[Any]]) -> list[Row]:
    """Sorted tuples without the rows that are all zero."""
    return sorted(telling(name, rows), key=sort_key)


def telling(name: str, rows: Iterable[Iterable[Any]]) -> Iterator[Row]:
    """The rows that are not all zero."""
    silent = [COLUMNS[name].index(column) for column in ZERO_WHEN.get(name, ())]
    return (row for row in map(tuple, rows) if not silent or any(row[place] != 0 for place in silent))


def without_origin(ledger: Iterable[Row]) -> list[Row]:
    """Ledger sums per holder, asset, kind and pool: what must agree after a restatement (SPEC 14)."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for _, _, holder_kind, holder_id, asset, kind, pool, _, amount in ledger:
        sums[holder_kind, holder_id, asset, kind, pool] += amount
    return sorted((*key, amount) for key, amount in sums.items() if amount)


def differences(expected: Tables, actual: Tables, names: Collection[str], limit: int = 8) -> str:
    """The first differing rows of every table, cell by cell; empty if there are none."""
    told = [_difference(name, expected[name], actual[name], limit) for name in names]
    return "\n".join(text for text in told if text)


def assert_same(expected: Tables, actual: Tables, names: Collection[str] = ALL_TABLES, *, limit: int = 8) -> None:
    """Fail, saying which rows only the oracle (-) and only the project (+) has."""
    told = differences(expected, actual, names, limit)
    assert not told, f"the oracle (-) and the settlement (+) differ:\n{told}"


def _difference(name: str, expected: list[Row], actual: list[Row], limit: int) -> str:
    wanted, found = Counter(telling(name, expected)), Counter(telling(name, actual))
    missing, extra = list((wanted - found).elements()), list((found - wanted).elements())
    if not missing and not extra:
        return ""
    lines = [f"{name}: {len(missing)} rows only expected, {len(extra)} rows only found"]
    signed = [[*map(_show, row), "-"] for row in missing] + [[*map(_show, row), "+"] for row in extra]
    shown = [[sign, *cells] for *cells, sign in sorted(signed)[:limit]]
    lines += _as_grid(["", *COLUMNS[name]], shown)
    if len(signed) > limit:
        lines.append(f"    ... and {len(signed) - limit} more")
    return "\n".join(lines)


def _show(cell: Any) -> str:
    if cell is None:
        return "."
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)


def _as_grid(header: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(line[place]) for line in (header, *rows)) for place in range(len(header))]
    return [
        "    " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (header, *rows)
    ]
