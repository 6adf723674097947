"""Which pools a purchase feeds (SPEC 5): for each holder kind, the pool with the longest prefix of its region."""

from typing import Final

import polars as pl

from schemas.rulebook import Rulebook, Rules
from transforms.exact.versions import version_on

POOL_COLUMN: Final = {"member": "member_pool", "merchant": "merchant_pool"}
HOLDER_COLUMN: Final = {"member": "member_id", "merchant": "merchant_id"}


def with_pools(purchases: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Purchases with member_pool and merchant_pool, by the rules at the end of their business date."""
    rows = purchases.with_columns(version=version_on(pl.col("business_date"), rulebook))
    regions = rows.select("version", "region_code").unique().sort("version", "region_code")
    named = regions.with_columns(
        pl.Series(
            column,
            [pool_of(rulebook.versions[v], kind, region) for v, region in regions.iter_rows()],
            pl.String,
        )
        for kind, column in POOL_COLUMN.items()
    )
    return rows.join(named, on=["version", "region_code"], how="left", maintain_order="left").drop("version")


def pool_of(rules: Rules, holder: str, region_code: str) -> str:
    """Name of the pool; a pool without prefixes matches every region, and each holder kind has one."""
    matches = [
        (len(prefix), pool.name)
        for pool in rules.pools
        if pool.holder == holder
        for prefix in (pool.regions or ("",))
        if region_code.startswith(prefix)
    ]
    return max(matches)[1]


def inflows(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Net points per pool and business date: pool, business_date, inflow_fen (128 bits)."""
    sides = [
        transactions.select("business_date", pool=column, points_fen="points_fen") for column in POOL_COLUMN.values()
    ]
    return (
        pl.concat(sides)
        .group_by("pool", "business_date")
        .agg(inflow_fen=pl.col("points_fen").cast(pl.Int128).sum())
        .sort("pool", "business_date")
    )
