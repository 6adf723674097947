"""Units, chosen once.

* ``_fen``: an integer number of hundredths. Of a yuan, a voucher, a point or a coin: all carry two decimals (SPEC 1).
* ``_pico``: an integer number of 10^-12. Rates, growth, cumulative dividend rates (SPEC 1).

No binary float ever holds an amount or a rate.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Final

import polars as pl

FEN_PER_YUAN: Final = 100
PICO: Final = 10**12
FEN: Final = pl.Int64
"""Column type of an amount."""
WIDE: Final = pl.Int128
"""Column type of products and of sums that cross many rows."""
RATE: Final = pl.Int64
"""Column type of a rate in pico: rates up to 9.2 million."""
TIME_ZONE: Final = "Asia/Shanghai"
ONE_DAY: Final = timedelta(days=1)
MOMENT: Final = pl.Datetime("us", "UTC")
"""Column type of a moment."""
BUCKET_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""2^64 / golden ratio, by which the bucket of an id is hashed: ids in a row fall into different buckets."""
LARGEST_FEN: Final = 10**18 - 1
"""The largest amount that the warehouse's DECIMAL(18,2) can show."""
LARGEST_RATE: Final = 10**18 - 1
"""The largest rate, in pico, that the warehouse's DECIMAL(18,12) can show."""


def yuan(fen: int) -> Decimal:
    """Hundredths as a decimal."""
    return Decimal(fen).scaleb(-2)
