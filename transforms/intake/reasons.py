"""Quarantine reasons: a rule is an expression that is true where the rule is broken; its name is the reason."""

from collections.abc import Mapping

import polars as pl

from transforms.lookup import inverse


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
    """Columns of `found` (row_no and others, each row once at most) in the order of `rows`, null where it has none."""
    others = found.drop("row_no")
    if not _is_numbered(rows["row_no"]):
        return rows.select("row_no").join(found, on="row_no", how="left", maintain_order="left").drop("row_no")
    return others.select(pl.all().gather(inverse(found["row_no"], rows.height)))


def _is_numbered(row_no: pl.Series) -> bool:
    """Whether it counts from 0: then a row's number is its place."""
    return bool((row_no == pl.int_range(len(row_no), eager=True)).all())
