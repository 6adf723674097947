"""Steps 6 and 7 of SPEC 3: unknown_member, unknown_merchant, concession_out_of_range, unknown holders.

These reasons stand behind `already_booked`, so they go into a column of their own, `later_reason`.
"""

from typing import Final

import polars as pl

from transforms.exact.lookup import looked_up
from transforms.intake.reasons import first_reason

PARTIES: Final = ("region_code", "rate_applied_pico", "later_reason")
"""What `with_parties` adds."""


def with_parties(
    rows: pl.DataFrame, members: pl.DataFrame, merchants: pl.DataFrame, rate_bounds: tuple[pl.Expr, pl.Expr]
) -> pl.DataFrame:
    """Typed transactions with their merchant's data as of `occurred_at`, and `later_reason`.

    Adds region_code and, in place of `rate_pico`, `rate_applied_pico`: the row's own rate, else the merchant's (128
    bits). `rate_bounds`: lowest and highest rate allowed at `occurred_at`, in pico. Row order is kept.
    """
    # Joined are narrow rows: a join copies every column that it carries along.
    named = rows.select("row_no", "kind", "occurred_at", "member_id", "merchant_id", "rate_pico")
    joined = named.with_columns(looked_up(rows["member_id"], members, "member_id", ("joined_at",)).get_columns())
    joined = merchant_as_of(joined, merchants).with_columns(
        rate_applied_pico=pl.coalesce("rate_pico", pl.col("merchant_rate_pico").cast(pl.Int128))
    )
    low, high = rate_bounds
    rate = pl.col("rate_applied_pico")
    reason = first_reason(
        {
            "unknown_member": not_yet_joined(),
            "unknown_merchant": pl.col("region_code").is_null(),
            "concession_out_of_range": (pl.col("kind") == "purchase") & ((rate < low) | (rate > high)),
        }
    )
    found = joined.with_columns(later_reason=reason).select(PARTIES)
    return rows.drop("rate_pico").with_columns(found.get_columns())


def merchant_as_of(rows: pl.DataFrame, merchants: pl.DataFrame) -> pl.DataFrame:
    """`rows` with region_code and merchant_rate_pico in force at `occurred_at`; null before the merchant joined.

    In order of `row_no`, as they come. Most merchants have one version, which is looked up.
    """
    versions = merchants.select("merchant_id", "valid_from", "region_code", merchant_rate_pico="concession_rate_pico")
    first = versions.unique("merchant_id", keep="first", maintain_order=True)
    joining = looked_up(rows["merchant_id"], first, "merchant_id", ("valid_from", "region_code", "merchant_rate_pico"))
    in_force = pl.col("valid_from") <= pl.col("occurred_at")
    found = rows.with_columns(joining.get_columns()).with_columns(
        pl.when(in_force).then(name).alias(name) for name in ("region_code", "merchant_rate_pico")
    )
    changed = versions.filter(pl.col("merchant_id").is_duplicated())
    several = rows.join(changed, on="merchant_id", how="semi")
    if several.is_empty():
        return found.drop("valid_from")
    return found.drop("valid_from").update(_latest(several, changed), on="row_no", how="left")


def _latest(rows: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    dated = rows.select("row_no", "occurred_at", "merchant_id").sort("occurred_at")
    found = dated.join_asof(
        versions.sort("valid_from"),
        left_on="occurred_at",
        right_on="valid_from",
        by="merchant_id",
        strategy="backward",
        check_sortedness=False,
    )
    return found.select("row_no", "region_code", "merchant_rate_pico")


def not_yet_joined() -> pl.Expr:
    """True where the member is unknown or joined after the row's moment."""
    return pl.col("joined_at").is_null() | (pl.col("joined_at") > pl.col("occurred_at"))


def with_holders(rows: pl.DataFrame, known: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Typed movements with `later_reason` = unknown_<holder kind>.

    `joined` (holder_kind, holder_id, joined_at): members and merchants, known from their joining on.
    `known` (holder_kind, holder_id): promoters, agents and partners that any reference row names.
    """
    key = ["holder_kind", "holder_id"]
    named = known.select(*key, named=pl.lit(True)).unique()
    found = rows.join(joined, on=key, how="left", maintain_order="left")
    found = found.join(named, on=key, how="left", maintain_order="left")
    unknown = not_yet_joined() & pl.col("named").is_null()
    reason = pl.when(unknown).then(pl.format("unknown_{}", "holder_kind"))
    return found.with_columns(later_reason=reason).drop("named", "joined_at")
