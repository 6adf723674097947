"""Step 5 of SPEC 3, within a day: conflicting_duplicate and duplicate."""

from collections.abc import Sequence

import polars as pl

from transforms.intake.quarantine import REFUSAL


def repeated(rows: pl.DataFrame, identity: str) -> pl.DataFrame:
    """row_no of the rows whose id stands in their day more than once. In: business_date and `identity`, of the rows
    that passed steps 1 to 4. If `identity` is a hash of the id, it may name a few rows too many."""
    key = ["business_date", identity]
    several = rows.lazy().group_by(key).len().filter(pl.col("len") > 1).select(key).collect()
    if several.is_empty():
        return rows.clear().select("row_no")
    return rows.lazy().join(several.lazy(), on=key, how="semi").select("row_no").collect()


def duplicates(double: pl.DataFrame, identity: str, content: Sequence[str]) -> pl.DataFrame:
    """REFUSAL of the rows that are not to be booked: an id with more than one content conflicts, else its first row
    goes on. In: the rows that are `repeated`.

    `content` are the columns compared, by value; `row_no` is the order of files and positions.
    """
    key = ["business_date", identity]
    verdicts = double.select(
        "row_no",
        "business_date",
        "amount_fen",
        contents=pl.struct(content).n_unique().over(key),
        first=pl.col("row_no").min().over(key),
    )
    reason = (
        pl.when(pl.col("contents") > 1)
        .then(pl.lit("conflicting_duplicate"))
        .when(pl.col("row_no") != pl.col("first"))
        .then(pl.lit("duplicate"))
    )
    return verdicts.with_columns(reason=reason).filter(pl.col("reason").is_not_null()).select(REFUSAL)
