"""already_booked and unknown holders of the optional feeds, in their order (SPEC 3, steps 5 and 6)."""

import polars as pl

from transforms.intake.reasons import with_reasons_of


def judge_movements(rows: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """`rows` with every reason final. `past`: id, business_date booked before these days.

    A late row may repeat one of these days too, which may itself be refused as such: days are taken in order,
    and only those that have late rows.
    """
    known = rows.with_columns(found=pl.coalesce("reason", "later_reason"))
    late_days = known.filter(pl.col("reason").is_null() & pl.col("is_late"))["business_date"].unique().sort()
    for day in late_days:
        booked = known.filter(pl.col("found").is_null() & (pl.col("business_date") < day))
        ids = pl.concat([past, booked.select("id", "business_date")]).rename({"business_date": "booked_on"})
        late = known.filter((pl.col("business_date") == day) & pl.col("is_late") & pl.col("reason").is_null())
        within = (pl.col("booked_on") >= pl.col("own_date")) & (pl.col("booked_on") < pl.col("business_date"))
        again = late.join(ids, on="id").filter(within)
        repeated = again.select("row_no", reason=pl.lit("already_booked")).unique()
        known = with_reasons_of(known, repeated).with_columns(
            found=pl.coalesce("reason", "later_reason"),
        )
    return known.with_columns(reason="found").drop("found", "later_reason")
