"""Which holders the reference data knows: members and merchants from their joining on, others by name."""

import polars as pl

from transforms.exact.lookup import looked_up
from transforms.reference.model import Reference


def joined_holders(reference: Reference, rows: pl.DataFrame) -> pl.DataFrame:
    """holder_kind, holder_id, joined_at of the members and merchants that `rows` may name by `holder_id`."""
    named = rows["holder_id"].drop_nulls().unique()
    joined = looked_up(named, reference.members, "member_id", ("joined_at",))
    members = joined.select(holder_kind=pl.lit("member"), holder_id=named, joined_at="joined_at").drop_nulls()
    merchants = reference.merchants.group_by("merchant_id").agg(joined_at=pl.col("valid_from").min())
    stores = merchants.select(holder_kind=pl.lit("merchant"), holder_id="merchant_id", joined_at="joined_at")
    return pl.concat([members, stores])


def named_holders(reference: Reference) -> pl.DataFrame:
    """holder_kind, holder_id of promoters, agents and partners that any reference row names."""
    sources = {
        "promoter": reference.promoters["promoter_id"],
        "agent": reference.agents["agent_id"],
        "partner": reference.partners["partner_id"],
    }
    return pl.concat(
        pl.DataFrame({"holder_id": ids.unique()}).select(pl.lit(kind).alias("holder_kind"), "holder_id")
        for kind, ids in sources.items()
    )
