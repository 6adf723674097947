"""Totals of an export, sheet by sheet, and which amounts a binary double can hold.

A cell of a workbook is a binary double by format. It gives back every decimal of up to 15 digits, so an amount below
10,000,000,000,000.00 is exact in it; a larger one is written as text. Adding doubles is another matter: n additions
may be off by (n + 1) x sum of magnitudes x 2^-53. Where that may reach half a fen, the total adds whole fen instead,
which is exact up to 2^53 of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from marts.reading import Connection, row

LARGEST: Final = Decimal(10) ** 13
"""Yuan: 13 digits and two decimals are the fifteen that a double is sure to give back."""
_HALF_FEN: Final = 2**52


def fits(amount: Decimal) -> bool:
    """Whether a number cell holds the amount exactly."""
    return abs(amount) < LARGEST


@dataclass(frozen=True)
class Sum:
    """One column's total over some rows: exact, with its magnitude, and its formula's way."""

    rows: int
    total: Decimal
    magnitude: Decimal
    largest: Decimal

    @property
    def is_number(self) -> bool:
        """Whether every amount and the total fit number cells."""
        return fits(self.largest) and fits(self.magnitude)

    def formula(self, cells: str) -> str:
        """The formula over `cells` that gives the total to the fen: SUM, or SUM of whole fen where SUM may drift."""
        if (self.rows + 1) * int(self.magnitude * 100) < _HALF_FEN:
            return f"=ROUND(SUM({cells}),2)"
        return f"=SUMPRODUCT(ROUND({cells}*100,0))/100"


def sums(connection: Connection, columns: Sequence[str], sheets: int, size: int) -> list[dict[str, Sum]]:
    """The sums of the columns of `exported`, by sheets of `size` rows."""
    return [_sums(connection, columns, sheet * size, (sheet + 1) * size) for sheet in range(sheets)]


def _sums(connection: Connection, columns: Sequence[str], begin: int, end: int) -> dict[str, Sum]:
    parts = "".join(
        f", coalesce(sum({name}), 0.00) as {name}_total, coalesce(sum(abs({name})), 0.00) as {name}_magnitude"
        f", coalesce(max(abs({name})), 0.00) as {name}_largest"
        for name in columns
    )
    found = row(connection, f"select count(*) as n{parts} from exported where rowid >= {begin} and rowid < {end}")
    return {
        name: Sum(found["n"], found[f"{name}_total"], found[f"{name}_magnitude"], found[f"{name}_largest"])
        for name in columns
    }
