"""Intake of a block of days: text rows in, booked rows and quarantine out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.arrivals import arrivals
from flows.settlement.intake.booked_before import past_ids
from flows.settlement.intake.largest import require_room
from flows.settlement.intake.limits import check_control
from flows.settlement.intake.refused import Refused
from flows.settlement.intake.sales import Sales, take_sales
from lake.draft.draft import Draft
from schemas.feeds import COIN_REDEMPTIONS, PAYOUTS, Feed
from schemas.tables import MOVEMENTS
from transforms.intake.cells import MOVEMENT_CONTENT, read_movements
from transforms.intake.duplicates import duplicates, repeated
from transforms.intake.holders import joined_holders, named_holders
from transforms.intake.movements import judge_movements
from transforms.intake.parties import with_holders
from transforms.intake.quarantine import REFUSAL
from transforms.intake.reasons import with_reasons_of

OPTIONAL_FEEDS: Final = (COIN_REDEMPTIONS, PAYOUTS)


@dataclass(frozen=True)
class Intake:
    """`sales`: transactions to be booked. `movements`: booked rows of the other feeds. `refused`: what is not booked,
    by feed. `came`: business_date, rows, amount_fen (where it can be read) of all that came in, by feed, counted before
    anything was judged."""

    sales: Sales
    movements: pl.DataFrame
    refused: list[Refused]
    came: pl.DataFrame


def take_in(days: Sequence[date], inputs: Inputs, draft: Draft) -> Intake:
    """Read and judge all feeds of `days`, which follow on what `draft` holds. Writes no table.

    Raises InputRefusedError (12) for a file, control total or quarantine that stops the run.
    """
    sales, refused, came = take_sales(days, inputs, draft)
    parts = [_movements(feed, days, inputs, draft) for feed in OPTIONAL_FEEDS]
    return Intake(
        sales,
        pl.concat([moved for moved, _, _ in parts]),
        [refused, *(bad for _, bad, _ in parts)],
        pl.concat([came, *(counted for _, _, counted in parts)]),
    )


def _movements(
    feed: Feed, days: Sequence[date], inputs: Inputs, draft: Draft
) -> tuple[pl.DataFrame, Refused, pl.DataFrame]:
    arrived, parts = arrivals(feed, days, inputs, draft, lambda text: read_movements(text.lazy(), feed.name).collect())
    rows = pl.concat(parts)
    check_control(feed, days, arrived, inputs.landing)
    passed = rows.filter(pl.col("reason").is_null())
    double = passed.join(repeated(passed, "id"), on="row_no", how="semi")
    rows = with_reasons_of(rows, duplicates(double, "id", MOVEMENT_CONTENT))
    reference = inputs.reference
    rows = judge_movements(
        with_holders(rows, named_holders(reference), joined_holders(reference, rows)),
        past_ids(rows.filter(pl.col("reason").is_null()), draft, days[0], MOVEMENTS, "id", feed.name),
    )
    refused = Refused(feed, arrived.texts, rows.filter(pl.col("reason").is_not_null()).select(REFUSAL))
    booked = rows.filter(pl.col("reason").is_null()).with_columns(feed=pl.lit(feed.name))
    require_room(feed, days, [booked.select("row_no", "amount_fen")], arrived, inputs, draft)
    return booked.select(MOVEMENTS.schema.keys()), refused, arrived.came()
