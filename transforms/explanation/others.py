"""Amounts that no rate makes: coins spent and money paid out (SPEC 10), and restatements (SPEC 14)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import polars as pl

from transforms.explanation.model import Amount, Explanation
from transforms.ledger import MOVEMENT_KINDS
from transforms.restatement import changed_rows

FEEDS: Final = {kind: feed for feed, kind in MOVEMENT_KINDS.items()}
MOVED: Final = "none: as the feed has it"
RESTATED: Final = "none: what should have been posted, less what was"


def explain_movements(amounts: Sequence[Amount], rows: pl.DataFrame) -> Iterator[Explanation]:
    """Coins redeemed, payouts. In: rows of `movements` of the holder on all their days."""
    for amount in amounts:
        of_day = rows.filter(
            (pl.col("business_date") == amount.business_date)
            & (pl.col("asset") == amount.asset)
            & (pl.col("feed") == FEEDS[amount.kind])
        )
        parts = of_day.sort("id").select("id", "occurred_at", amount_fen=-pl.col("amount_fen"))
        yield Explanation(amount, tuple(parts.iter_rows(named=True)), MOVED)


def explain_restatement(
    amount: Amount, posted: pl.DataFrame, due: pl.DataFrame, booked: Sequence[tuple[date, int]]
) -> Explanation:
    """A restatement: per restated day what was due less what was posted, less what was booked of it before.

    `posted`, `due`: the holder's ledger rows of restated days, as posted and as they should have been, when the
    restatement was booked; `booked`: day and fen of earlier restatements of the same asset, kind and pool.
    """
    asset, kind, pool = amount.holding
    sides = [rows.lazy().filter(asset=asset, kind=kind, pool=pool) for rows in (posted, due)]
    changed = changed_rows(*sides).collect()
    differences = [
        {
            "business_date": row["business_date"],
            "value_date": row["value_date"],
            "posted_fen": int(row["before_fen"]),
            "due_fen": int(row["after_fen"]),
            "amount_fen": int(row["after_fen"] - row["before_fen"]),
        }
        for row in changed.sort("business_date", "value_date").iter_rows(named=True)
    ]
    earlier = [{"booked_on": day, "booked_fen": fen, "amount_fen": -fen} for day, fen in booked]
    return Explanation(amount, (*differences, *earlier), RESTATED)
