"""Regional agents 区域代理 and their partners 合伙人 (SPEC 9): their part of a month's concessions 让利.

A county with 1,000.00 of net concession: its agent has A = 50.00 of it at 5 %, its city's 30.00 at 3 %, its
province's 20.00 at 2 %. A partner with a share of 0.333 gets 16.65 of the 50.00, the agent keeps 33.35.
"""

from datetime import date
from typing import Final

import polars as pl

from schemas.rulebook import AgentTiers, Rules
from schemas.tables import AGENT_MONTHS
from schemas.units import FEN, RATE
from transforms.books.ledger import posted
from transforms.exact.rounding import toward_zero, wide

PREFIX_DIGITS: Final = (2, 4, 6)
_PREFIX_KEY: Final = ["agent_id", "region_prefix"]


def agent_month(
    month_end: date, concessions: pl.DataFrame, agents: pl.DataFrame, partners: pl.DataFrame, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """AGENT_MONTHS, a row per prefix in force; partners' agent_id, region_prefix, partner_id, amount_fen.

    `concessions`: region_code, concession_fen, net of the month (part sums are added up); `agents` and
    `partners`: as in `Reference`; `rules`: those of `month_end`. A negative month takes back by the same
    rates and shares. Raises polars' InvalidOperationError if a sum does not fit 64 bits.
    """
    earned = (
        in_force(agents, month_end)
        .join(_by_prefix(concessions), on="region_prefix", how="left")
        .with_columns(pl.col("concession_fen").fill_null(0).cast(FEN))
        .with_columns(amount_fen=toward_zero(wide(pl.col("concession_fen")) * _rate(rules.agents)))
    )
    shares = _partner_shares(earned, in_force(partners, month_end))
    shared = shares.group_by(_PREFIX_KEY).agg(partner_fen=wide(pl.col("amount_fen")).sum())
    months = (
        earned.join(shared, on=_PREFIX_KEY, how="left")
        .with_columns(pl.col("partner_fen").fill_null(0).cast(FEN), month=pl.lit(month_end.replace(day=1)))
        .select(AGENT_MONTHS.schema.keys())
        .sort(AGENT_MONTHS.key)
    )
    return months, shares


def in_force(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows of `agents` or `partners` of a day: both ends inclusive; no valid_to is open."""
    goes_on = pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
    return rows.filter((pl.col("valid_from") <= day) & goes_on)


def _by_prefix(concessions: pl.DataFrame) -> pl.DataFrame:
    """region_prefix, concession_fen (128 bits) of every province, city and county with rows."""
    tiers = [
        concessions.select("concession_fen", region_prefix=pl.col("region_code").str.head(digits))
        for digits in PREFIX_DIGITS
    ]
    return pl.concat(tiers).group_by("region_prefix").agg(wide(pl.col("concession_fen")).sum())


def _rate(tiers: AgentTiers) -> pl.Expr:
    rates = dict(zip(PREFIX_DIGITS, (tiers.province, tiers.city, tiers.county), strict=True))
    return pl.col("region_prefix").str.len_bytes().replace_strict(rates, return_dtype=RATE)


def _partner_shares(earned: pl.DataFrame, partners: pl.DataFrame) -> pl.DataFrame:
    amount = toward_zero(wide(pl.col("amount_fen")) * pl.col("share_pico"))
    return (
        earned.join(partners, on="agent_id")
        .select(*_PREFIX_KEY, "partner_id", amount_fen=amount)
        .sort(*_PREFIX_KEY, "partner_id")
    )


def agent_postings(
    agent_months: pl.DataFrame, partner_shares: pl.DataFrame, month_end: date, buckets: int
) -> pl.DataFrame:
    """LEDGER rows of a month, on its last day: per agent over its prefixes, per partner over its agents."""
    kept = agent_months.select(holder_id="agent_id", amount_fen=wide(pl.col("amount_fen")) - pl.col("partner_fen"))
    shares = partner_shares.select(holder_id="partner_id", amount_fen=wide(pl.col("amount_fen")))
    parts = [
        posted(_summed(rows, month_end), holder_kind, "cash", kind, buckets)
        for rows, holder_kind, kind in (
            (kept, "agent", "agent_commission"),
            (shares, "partner", "partner_share"),
        )
    ]
    return pl.concat(parts)


def _summed(rows: pl.DataFrame, month_end: date) -> pl.DataFrame:
    sums = rows.group_by("holder_id").agg(pl.col("amount_fen").sum()).sort("holder_id")
    return sums.with_columns(business_date=pl.lit(month_end))
