"""Amounts that no rate makes: coins spent and money paid out (SPEC 10), and restatements (SPEC 14)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from transforms.books.ledger import MOVEMENT_KINDS
from transforms.corrections.restatement import changed_rows
from transforms.explain.model import Amount, Explanation, Facts

FEEDS: Final = {kind: feed for feed, kind in MOVEMENT_KINDS.items()}
MOVED: Final = "none: as the feed has it"
RESTATED: Final = "none: what should have been posted, less what was"


def explain_movements(amounts: Sequence[Amount], rows: pl.DataFrame) -> Iterator[Explanation]:
    """Coins redeemed, payouts. In: rows of `movements` of the holder on all their days."""
    moved: defaultdict[tuple[Any, ...], list[Facts]] = defaultdict(list)
    for row in rows.sort("id").iter_rows(named=True):
        part = {"id": row["id"], "occurred_at": row["occurred_at"], "amount_fen": -row["amount_fen"]}
        moved[row["business_date"], row["asset"], row["feed"]].append(part)
    for amount in amounts:
        yield Explanation(amount, tuple(moved[amount.business_date, amount.asset, FEEDS[amount.kind]]), MOVED)


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
