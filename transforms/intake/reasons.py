"""Quarantine reasons: a rule is an expression that is true where the rule is broken; its name is the reason."""

from collections.abc import Mapping

import polars as pl


def first_reason(rules: Mapping[str, pl.Expr]) -> pl.Expr:
    """Name of the first broken rule, in the mapping's order; null where none is. A null rule is not broken."""
    return pl.coalesce(pl.when(broken).then(pl.lit(name)) for name, broken in rules.items()).cast(pl.String)


def with_reasons_of(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the reasons of `found` (row_no, reason) where there was none."""
    if found.is_empty():
        return rows
    late = found.select("row_no", found_reason="reason")
    joined = rows.join(late, on="row_no", how="left", maintain_order="left")
    return joined.with_columns(reason=pl.coalesce("reason", "found_reason")).drop("found_reason")
