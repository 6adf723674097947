"""Steps 6 and 7 of SPEC 3: unknown_member, unknown_merchant, concession_out_of_range, unknown holders.

These reasons stand behind `already_booked`, so they go into a column of their own, `later_reason`.
"""

from typing import Final

import polars as pl

from schemas.units import RATE
from transforms.intake.reasons import beside, first_reason

PARTIES: Final = ("joined_at", "referrer_id", "region_code", "concession_rate_pico", "later_reason")
"""What `with_parties` adds."""


def with_parties(
    rows: pl.DataFrame, members: pl.DataFrame, merchants: pl.DataFrame, rate_bounds: tuple[pl.Expr, pl.Expr]
) -> pl.DataFrame:
    """Typed transactions with their member's and merchant's data as of `occurred_at`, and `later_reason`.

    Adds joined_at, referrer_id, region_code and `concession_rate_pico` (the row's own rate, else the merchant's).
    `rate_bounds`: lowest and highest rate allowed at `occurred_at`, in pico. Row order is kept.
    """
    # Joined are narrow rows: a join copies every column that it carries along.
    named = rows.select("row_no", "kind", "occurred_at", "member_id", "merchant_id", "rate_pico")
    # A hash table of the members that some rows name is small, one of all members is not.
    of_rows = (
        members.join(named.select("member_id"), on="member_id", how="semi") if rows.height < len(members) else members
    )
    joined = named.join(of_rows, on="member_id", how="left", maintain_order="left")
    joined = merchant_as_of(joined, merchants).with_columns(
        concession_rate_pico=pl.coalesce("rate_pico", pl.col("merchant_rate_pico").cast(pl.Int128))
    )
    low, high = rate_bounds
    rate = pl.col("concession_rate_pico")
    out_of_range = (pl.col("kind") == "purchase") & ((rate < low) | (rate > high))
    reason = first_reason(
        {
            "unknown_member": not_yet_joined(),
            "unknown_merchant": pl.col("region_code").is_null(),
            "concession_out_of_range": out_of_range,
        }
    )
    kept = pl.when(~out_of_range).then(rate).cast(RATE)
    found = joined.with_columns(later_reason=reason, concession_rate_pico=kept)
    return rows.with_columns(found.select(PARTIES).get_columns())


def with_rate_applied(rows: pl.DataFrame, merchants: pl.DataFrame) -> pl.DataFrame:
    """Typed transactions with the merchant's rate in `rate_pico` where it is empty; null before the merchant joined."""
    dated = merchant_as_of(rows.select("row_no", "occurred_at", "merchant_id"), merchants)
    rate = beside(rows, dated.select("row_no", "merchant_rate_pico"))["merchant_rate_pico"]
    return rows.with_columns(rate_pico=pl.coalesce("rate_pico", rate.cast(pl.Int128)))


def merchant_as_of(rows: pl.DataFrame, merchants: pl.DataFrame) -> pl.DataFrame:
    """`rows` with region_code and merchant_rate_pico in force at `occurred_at`; null before the merchant joined.

    In order of `row_no`, as they come. Most merchants have one version, and a join finds it without sorting.
    """
    versions = merchants.select(
        "merchant_id", "valid_from", "region_code", merchant_rate_pico="concession_rate_pico"
    ).sort("valid_from")
    changed = versions.filter(pl.col("merchant_id").is_duplicated())
    constant = versions.join(changed, on="merchant_id", how="anti")
    found = rows.join(constant, on="merchant_id", how="left", maintain_order="left")
    in_force = pl.col("valid_from") <= pl.col("occurred_at")
    found = found.with_columns(
        pl.when(in_force).then(name).alias(name) for name in ("region_code", "merchant_rate_pico")
    )
    several = rows.join(changed, on="merchant_id", how="semi")
    if several.is_empty():
        return found.drop("valid_from")
    return found.drop("valid_from").update(_latest(several, changed), on="row_no", how="left")


def _latest(rows: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    dated = rows.select("row_no", "occurred_at", "merchant_id").sort("occurred_at")
    found = dated.join_asof(
        versions,
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
