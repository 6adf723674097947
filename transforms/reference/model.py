"""Reference data as the settlement joins it."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, eq=False)
class Reference:
    """Reference data that keeps its own rules: typed, each table sorted by its key.

    Moments are Datetime('us', 'UTC'), ids Int64, rates Int64 in pico. Dates of validity are inclusive.
    """

    members: pl.DataFrame
    """member_id, joined_at, referrer_id (null: none), bound_at and bound_to (merchant_id) of the first binding (null:
    none)."""
    merchants: pl.DataFrame
    """merchant_id, valid_from (moment; the first: joining), region_code (text), concession_rate_pico."""
    rebindings: pl.DataFrame
    """member_id, bound_at, bound_to: later bindings."""
    promoters: pl.DataFrame
    """promoter_id, valid_from (Date), mentor_id (null: none), starting_level (null but on the first row)."""
    merchant_promoters: pl.DataFrame
    """merchant_id, promoter_id (null: none), valid_from (Date)."""
    agents: pl.DataFrame
    """agent_id, region_prefix (text), valid_from (Date; 0001-01-01 if empty), valid_to (null: open)."""
    partners: pl.DataFrame
    """agent_id, partner_id, share_pico, valid_from and valid_to as for agents."""
