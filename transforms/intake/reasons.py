"""Quarantine reasons: a rule is an expression that is true where the rule is broken; its name is the reason."""

from collections.abc import Mapping

import polars as pl


def first_reason(rules: Mapping[str, pl.Expr]) -> pl.Expr:
    """Name of the first broken rule, in the mapping's order; null where none is. A null rule is not broken."""
    return pl.coalesce(pl.when(broken).then(pl.lit(name)) for name, broken in rules.items()).cast(pl.String)


def with_reason(rows: pl.DataFrame, rules: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """`rows` with `reason` filled in where it was null and a rule is broken."""
    return rows.with_columns(reason=pl.coalesce("reason", first_reason(rules)))


def with_reasons_of(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the reasons of `found` (row_no, reason) where there was none; few rows in `found`."""
    if found.is_empty():
        return rows
    late = beside(rows, found.select("row_no", found_reason="reason"))
    return rows.with_columns(reason=pl.coalesce(pl.col("reason"), late["found_reason"]))


def beside(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Columns of `found` (row_no and others, each row once at most) in the order of `rows`, null where it has none.

    What is joined is narrow: a join of all of a day's columns would copy them all.
    """
    return rows.select("row_no").join(found, on="row_no", how="left", maintain_order="left").drop("row_no")
