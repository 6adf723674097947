"""Quarantine 隔离: every refused row with its reason, and the row as it came."""

from typing import Final

import polars as pl

from schemas.feeds import Feed
from schemas.tables import QUARANTINE
from transforms.intake.faulty_column import faulty_column

_OURS = ("row_no", "business_date", "oldest_date", "file", "position", "torn")


REFUSAL: Final = ("row_no", "business_date", "reason", "amount_fen")
"""What is known of a refused row besides its text; amount_fen is null where it cannot be read."""


def refusals(flaws: pl.DataFrame, doubles: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """REFUSAL of all rows that are not booked, in the order of SPEC 3.

    `flaws`: rows with a `reason` (steps 1 to 4) or a `later_reason` (6 and 7); `doubles`: refused by step 5 within
    their day; `verdicts`: of the other late rows and refunds, a null reason if they are booked (steps 5 to 8).
    """
    judged = pl.concat([doubles.select("row_no"), verdicts.select("row_no")])
    later = flaws.filter(pl.col("reason").is_null()).join(judged, on="row_no", how="anti")
    frames = [flaws, doubles, verdicts, later.with_columns(reason="later_reason")]
    return pl.concat([rows.filter(pl.col("reason").is_not_null()).select(REFUSAL) for rows in frames])


def quarantined(text: pl.DataFrame, feed: Feed) -> pl.DataFrame:
    """Rows of QUARANTINE from the texts of refused rows, `reason` and `amount_fen` beside them.

    `raw` is a JSON object of the row's cells.
    """
    cells = pl.struct(pl.exclude(*_OURS, "reason", "amount_fen")).struct.json_encode()
    return text.select(
        "business_date",
        feed=pl.lit(feed.name),
        id=pl.col(feed.id_column),
        reason="reason",
        raw=pl.coalesce("torn", cells),
        file=pl.col("file").cast(pl.String),
        position="position",
        amount_fen="amount_fen",
        faulty_column=faulty_column(feed, pl.col("torn").is_not_null()),
    ).cast(QUARANTINE.types)
