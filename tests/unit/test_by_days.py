"""Sums of a block become ledger rows a few days at a time: every row once, no day in two pieces."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from flows.settlement import booking
from flows.settlement.booking import by_days

FIRST = date(2025, 1, 3)


def _rows(*per_day: int) -> pl.DataFrame:
    days = [FIRST + timedelta(days=n) for n, count in enumerate(per_day) for _ in range(count)]
    return pl.DataFrame({"business_date": days, "holder_id": range(len(days))}).sample(fraction=1, shuffle=True, seed=1)


@pytest.mark.parametrize(
    ("per_day", "pieces"),
    [
        ((), []),
        ((2, 2, 2), [4, 2]),
        ((1, 9, 1), [1, 9, 1]),
        ((9,), [9]),
        ((1, 1, 1), [3]),
        ((4, 0, 4), [4, 4]),
    ],
)
def test_days_are_whole_and_in_order(
    per_day: tuple[int, ...], pieces: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "SUMS_AT_ONCE", 4)
    rows = _rows(*per_day).cast({"business_date": pl.Date, "holder_id": pl.Int64})
    found = list(by_days(rows))
    assert [piece.height for piece in found] == pieces
    assert sorted(n for piece in found for n in piece["holder_id"]) == list(range(sum(per_day)))
    days = [set(piece["business_date"]) for piece in found]
    assert all(max(before) < min(after) for before, after in pairwise(days))
