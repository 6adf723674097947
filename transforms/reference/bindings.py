"""Who is bound to whom (SPEC 2, 7), told apart by what a night asks: first bindings, and the few later ones.

Of two bindings of a member at the same moment, the one with the smaller merchant_id stands.
"""

import polars as pl

from transforms.exact.lookup import inverse, places


def first_and_later(bindings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each member's first binding, in any order, and all others by member and time: member_id, bound_at, bound_to.

    In: rows sorted by member_id. Most members have one binding, which has to be compared with nothing.
    """
    rows = bindings.select("member_id", "bound_at", bound_to="merchant_id")
    member = pl.col("member_id")
    alone = member.ne_missing(member.shift(1)) & member.ne_missing(member.shift(-1))
    several = rows.filter(~alone).sort("member_id", "bound_at", "bound_to")
    several = several.unique(["member_id", "bound_at"], keep="first", maintain_order=True)
    is_first = member.is_first_distinct()
    return pl.concat([rows.filter(alone), several.filter(is_first)]), several.filter(~is_first)


def with_first_binding(members: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """`members` (sorted by member_id) with bound_at and bound_to of their first binding, null where there is none."""
    place = inverse(places(first["member_id"], members["member_id"]), members.height)
    return members.with_columns(first.select(pl.col("bound_at", "bound_to").gather(place)).get_columns())
