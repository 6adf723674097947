"""Step 5 of SPEC 3, within a day: conflicting_duplicate and duplicate."""

from collections.abc import Callable, Sequence

import polars as pl

from transforms.intake.reasons import with_reasons_of


def mark_duplicates(
    rows: pl.DataFrame,
    identity: str,
    content: Sequence[str],
    filled: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Among rows without a reason: an id with more than one content conflicts, else its first row goes on.

    `content` are the columns compared, by value; `row_no` is the order of files and positions. `filled` fills in the
    defaults that no cell tells, for the few rows whose id stands there twice.
    """
    key = ["business_date", identity]
    passed = pl.col("reason").is_null()
    repeated = rows.lazy().filter(passed).group_by(key).len().filter(pl.col("len") > 1).select(key).collect()
    if repeated.is_empty():
        return rows
    double = rows.lazy().filter(passed).join(repeated.lazy(), on=key, how="semi").collect()
    if filled is not None:
        double = filled(double)
    verdicts = double.select(
        "row_no",
        contents=pl.struct(content).n_unique().over(key),
        first=pl.col("row_no").min().over(key),
    )
    reason = (
        pl.when(pl.col("contents") > 1)
        .then(pl.lit("conflicting_duplicate"))
        .when(pl.col("row_no") != pl.col("first"))
        .then(pl.lit("duplicate"))
    )
    found = verdicts.select("row_no", reason=reason).drop_nulls()
    return with_reasons_of(rows, found)
