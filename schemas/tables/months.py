"""Tables of the months: promoters on their ladder, regional agents."""

from typing import Final

import polars as pl

from schemas.tables.model import ID, Table
from schemas.units import FEN

PROMOTER_MONTHS: Final = Table(
    "promoter_months",  # a row per promoter taking part
    {
        "month": pl.Date,  # its first day
        "promoter_id": ID,
        "level": pl.String,
        "performance_fen": FEN,
        "commission_fen": FEN,
        "mentoring_fen": FEN,  # shares of its own mentees, and rests of its mentees' mentees
        "mentoring_unallocated_fen": FEN,  # rests of its own mentees that nobody above could get
        "fixed_subsidy_fen": FEN,
        "bonus_subsidy_fen": FEN,
        "next_level": pl.String,  # next month's
        "promotion_streak": pl.Int32,  # months in a row, this one included, good for promotion; 0 on a change
        "miss_streak": pl.Int32,  # likewise, under the assessment
    },
    key=("month", "promoter_id"),
    partition=("month",),
)

AGENT_MONTHS: Final = Table(
    "agent_months",  # a row per prefix in force on the month's last day
    {
        "month": pl.Date,  # its first day
        "agent_id": ID,
        "region_prefix": pl.String,
        "concession_fen": FEN,  # of the region, net of refunds
        "amount_fen": FEN,  # the agent's and its partners' together
        "partner_fen": FEN,  # the partners' part of it
    },
    key=("month", "agent_id", "region_prefix"),
    partition=("month",),
)
