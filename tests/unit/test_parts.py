"""The parts in which a day is booked: every row is in one, also where a frame is large and a column constant."""

from datetime import date

import polars as pl
import pytest

from flows.settlement.intake.read import of_part
from transforms.exact.buckets import bucket

ROWS = 70_000


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_every_row_is_in_one_part(parts: int) -> None:
    # Polars keeps a constant column as one value; filtered by a constant, such a frame of this size fails.
    rows = pl.select(member_id=pl.int_range(1, ROWS + 1)).with_columns(business_date=pl.lit(date(2025, 1, 1)))
    found = [of_part(rows, number, parts) for number in range(parts)]
    assert pl.concat(found)["member_id"].sort().equals(rows["member_id"])
    for number, part in enumerate(found):
        assert part.filter(bucket(pl.col("member_id"), parts * 2) % parts != number).is_empty()
