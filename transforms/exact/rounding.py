"""Rounding (SPEC 1): R1 half-up and R2 toward zero, exact, on integers.

>>> import polars as pl
>>> frame = pl.DataFrame({"x": [149, 150, -149, -150, 250]})
>>> frame.select(half_up(pl.col("x"), 100))["x"].to_list()
[1, 2, -1, -2, 3]
>>> frame.select(toward_zero(pl.col("x"), 100))["x"].to_list()
[1, 1, -1, -1, 2]
"""

import polars as pl

from schemas.units import FEN, PICO, WIDE


def wide(amount: pl.Expr) -> pl.Expr:
    """The amount in 128 bits, for products and long sums."""
    return amount.cast(WIDE)


def half_up(numerator: pl.Expr, divisor: int) -> pl.Expr:
    """R1: numerator / divisor to the nearest integer, halves away from zero. `//` alone floors."""
    magnitude = ((2 * wide(numerator).abs() + divisor) // (2 * divisor)).cast(FEN)
    return pl.when(numerator < 0).then(-magnitude).otherwise(magnitude)


def toward_zero(numerator: pl.Expr, divisor: int = PICO) -> pl.Expr:
    """R2: numerator / divisor without its fraction. `//` alone would floor a negative."""
    magnitude = (wide(numerator).abs() // divisor).cast(FEN)
    return pl.when(numerator < 0).then(-magnitude).otherwise(magnitude)
