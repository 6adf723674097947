"""Quarantine 隔离: every refused row with its reason, and the row as it came."""

import polars as pl

from schemas.tables import QUARANTINE

_OURS = ("row_no", "business_date", "oldest_date", "file", "position", "torn")


def refused(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a reason: row_no, reason, amount_fen."""
    return rows.lazy().filter(pl.col("reason").is_not_null()).select("row_no", "reason", "amount_fen").collect()


def quarantined(text: pl.DataFrame, feed: str, identity: str) -> pl.DataFrame:
    """Rows of QUARANTINE from the texts of `refused` rows, `reason` and `amount_fen` beside them.

    `raw` is a JSON object of the row's cells.
    """
    cells = pl.struct(pl.exclude(*_OURS, "reason", "amount_fen")).struct.json_encode()
    return text.select(
        "business_date",
        feed=pl.lit(feed),
        id=pl.col(identity),
        reason="reason",
        raw=pl.coalesce("torn", cells),
        file=pl.col("file").cast(pl.String),
        position="position",
        amount_fen="amount_fen",
    ).cast(QUARANTINE.types)
