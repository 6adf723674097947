"""Who is bound to whom (SPEC 2, 7), told apart by what a night asks: first bindings, and the few later ones.

Of two bindings of a member at the same moment, the one with the smaller merchant_id stands.
"""

import polars as pl


def with_first_binding(members: pl.DataFrame, bindings: pl.DataFrame) -> pl.DataFrame:
    """`members` with bound_at and bound_to (merchant_id) of their first binding, null where there is none."""
    first = _one_a_moment(bindings).unique("member_id", keep="first", maintain_order=True)
    return members.join(first, on="member_id", how="left", maintain_order="left")


def rebindings(bindings: pl.DataFrame) -> pl.DataFrame:
    """member_id, bound_at, bound_to of all bindings but each member's first, by member and time."""
    return _one_a_moment(bindings).filter(~pl.col("member_id").is_first_distinct())


def _one_a_moment(bindings: pl.DataFrame) -> pl.DataFrame:
    ordered = bindings.select("member_id", "bound_at", bound_to="merchant_id").sort("member_id", "bound_at", "bound_to")
    return ordered.unique(["member_id", "bound_at"], keep="first", maintain_order=True)
