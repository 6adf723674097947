"""The rules that reference data has to keep, each as a refusal that names file, row and rule (SPEC 2).

All work on whole columns: a file of members may have many millions of rows.
"""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

import polars as pl

from schemas.errors import InputRefusedError
from schemas.reference import Sheet
from schemas.units import PICO


def refuse(sheet: Sheet, position: int, rule: str) -> NoReturn:
    """Raise InputRefusedError for one row."""
    raise InputRefusedError(
        f"reference data breaks its rules: {rule}",
        where=f"{sheet.file}, row {position}",
        todo="mend the row where the data is kept and deliver the file again",
    )


def refuse_first(sheet: Sheet, broken: pl.Expr, rule: str, value: str = "") -> None:
    """Refuse the first row, by position, for which `broken` is true; `value` names a column to quote."""
    first = sheet.frame.filter(broken).bottom_k(1, by="position")
    if not first.is_empty():
        quoted = f", not {str(first[value][0])[:80]!r}" if value else ""
        refuse(sheet, first["position"][0], rule + quoted)


def refuse_duplicates(sheet: Sheet, key: Sequence[str]) -> None:
    """Refuse a row whose key an earlier one has; the sheet is sorted by key, then position."""
    is_repeated = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in key)
    refuse_first(sheet, is_repeated, f"duplicate key ({', '.join(key)})")


def refuse_unknown(sheet: Sheet, column: str, known: pl.Series) -> None:
    """Refuse a value of the column that `known` does not have; null refers to nobody."""
    first = sheet.frame.filter(~pl.col(column).is_in(known.implode())).bottom_k(1, by="position")
    if not first.is_empty():
        refuse(sheet, first["position"][0], f"unknown {column} {first[column][0]!r}")


def refuse_overlaps(sheet: Sheet, key: Sequence[str], rule: str) -> None:
    """Refuse a row whose days, both ends inclusive, meet an earlier one's of the same key; no end is open."""
    last_day = pl.col("valid_to").fill_null(date.max).to_physical()
    taken_until = last_day.cum_max().shift(1).over(key)
    ordered = sheet.frame.sort(*key, "valid_from", "position")
    refuse_first(Sheet(ordered, sheet.file), pl.col("valid_from").to_physical() <= taken_until, rule)


def refuse_shares_above_one(partners: Sheet) -> None:
    """Refuse a row that lifts the shares of its agent above 1 on any day.

    A share comes in on valid_from and goes out the day after valid_to; their running sum is what is promised.
    """
    share = pl.col("share_pico")
    comes = partners.frame.select("agent_id", day="valid_from", change=share, row="position")
    goes = partners.frame.filter(pl.col("valid_to").is_not_null()).select(
        "agent_id", day=pl.col("valid_to").dt.offset_by("1d"), change=-share, row=pl.lit(None, pl.Int64)
    )
    days = pl.concat([comes, goes]).group_by("agent_id", "day").agg(pl.col("change").sum(), pl.col("row").max())
    promised = days.sort("agent_id", "day").with_columns(total=pl.col("change").cum_sum().over("agent_id"))
    above = promised.filter(pl.col("total") > PICO).sort("row", nulls_last=True).head(1)
    for agent, day, row in above.select("agent_id", "day", "row").iter_rows():
        refuse(partners, row, f"the shares of agent {agent} are above 1 on {day}")
