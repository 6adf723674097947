"""Steps 6 and 7 of SPEC 3: unknown_member, unknown_merchant, concession_out_of_range, unknown holders.

These reasons stand behind `already_booked`, so they go into a column of their own, `later_reason`.
"""

import polars as pl

from schemas.units import RATE
from transforms.intake.reasons import first_reason


def with_parties(
    rows: pl.DataFrame, members: pl.DataFrame, merchants: pl.DataFrame, rate_bounds: tuple[pl.Expr, pl.Expr]
) -> pl.DataFrame:
    """Typed transactions with their member's and merchant's data as of `occurred_at`, and `later_reason`.

    Adds joined_at, referrer_id, region_code and `concession_rate_pico` (the row's own rate, else the merchant's).
    `rate_bounds`: lowest and highest rate allowed at `occurred_at`, in pico. Row order is kept.
    """
    joined = rows.join(members, on="member_id", how="left", maintain_order="left")
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
    return joined.with_columns(later_reason=reason, concession_rate_pico=kept).drop("merchant_rate_pico")


def merchant_as_of(rows: pl.DataFrame, merchants: pl.DataFrame) -> pl.DataFrame:
    """`rows` with region_code and merchant_rate_pico in force at `occurred_at`; null before the merchant joined."""
    versions = merchants.sort("valid_from").select(
        "merchant_id", "valid_from", "region_code", merchant_rate_pico="concession_rate_pico"
    )
    dated = rows.sort("occurred_at", maintain_order=True)
    found = dated.join_asof(
        versions,
        left_on="occurred_at",
        right_on="valid_from",
        by="merchant_id",
        strategy="backward",
        check_sortedness=False,
    )
    return found.sort("row_no").drop("valid_from")


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
