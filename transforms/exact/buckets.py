"""Buckets: a stable hash of a holder's id, so that no job needs more members in memory than one bucket has."""

import polars as pl

from schemas.units import BUCKET_MULTIPLIER


def bucket(holder_id: pl.Expr, count: int) -> pl.Expr:
    """Bucket 0..count-1 of an id > 0. The lake keeps `count` for ever; any count gives the same amounts."""
    if count == 1:
        return pl.lit(0, pl.Int32)
    mixed = holder_id.cast(pl.UInt64) * pl.lit(BUCKET_MULTIPLIER, pl.UInt64)
    return ((mixed // 2**32) % count).cast(pl.Int32)
