"""What a run has restated, read back from the lake and told: which closed days, booked when, and the amounts."""

from typing import Any

import polars as pl

from lake.draft.draft import Draft
from schemas.tables import RESTATED_DAYS, RESTATEMENTS
from transforms.corrections.bill import amounts


def restated_by(draft: Draft) -> dict[str, Any] | None:
    """What the draft's run has restated, amounts in fen; None if nothing."""
    of_run = pl.col("run_id") == draft.run_id
    days = draft.small(RESTATED_DAYS).filter(of_run)
    if days.is_empty():
        return None
    moved = draft.scan(RESTATEMENTS).filter(of_run).collect()
    wide = moved.with_columns(pl.col("before_fen", "after_fen").cast(pl.Int128))
    return {
        "booked_on": days["business_date"][0],
        "closed_days": days["restated_date"].sort().to_list(),
        "amounts": amounts(wide).to_dicts(),
    }


def print_restated(restated: dict[str, Any] | None) -> None:
    """The same for people; `restated` with amounts as decimals."""
    if restated is None:
        return
    days = restated["closed_days"]
    which = f"1 closed day, {days[0]}" if len(days) == 1 else f"{len(days)} closed days, {days[0]} to {days[-1]}"
    moved = "" if restated["amounts"] else ": no amount moved"
    print(f"restated {which}, booked on {restated['booked_on']}{moved}")
    for line in restated["amounts"]:
        change = f"{line['before']:>18,} -> {line['after']:>18,}  ({line['difference']:+,})"
        print(f"  {line['kind']:<20} {line['asset']:<8} {change}  holders: {line['holders']:,}")
