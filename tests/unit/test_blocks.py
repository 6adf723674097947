"""How a span is cut into blocks: by bytes, and by days once a block is large."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.settlement.plan import BLOCK_BYTES, BLOCK_DAYS, LARGE_BYTES, blocks
from lake.landing.zone import Landing

FIRST = date(2025, 1, 1)


class Sized(Landing):
    """A landing zone whose days have these bytes."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__(Path("nowhere"))
        self.sizes = sizes

    def size(self, day: date) -> int:
        return self.sizes[(day - FIRST).days]


def cut(sizes: list[int], buckets: int = 1) -> list[int]:
    days = [FIRST + timedelta(days=n) for n in range(len(sizes))]
    found = list(blocks(days, Sized(sizes), buckets))
    assert [day for block in found for day in block] == days
    return [len(block) for block in found]


def test_nothing_is_no_block() -> None:
    assert cut([]) == []


@pytest.mark.parametrize(("buckets", "days"), [(1, 2), (7, 2), (8, 4), (12, 6)])
def test_large_days_are_cut_by_bytes(buckets: int, days: int) -> None:
    assert cut([BLOCK_BYTES // 2] * 12, buckets) == [days] * (12 // days)


def test_a_day_that_is_too_large_is_a_block() -> None:
    assert cut([1, BLOCK_BYTES * 2, 1]) == [1, 1, 1]


def test_many_days_of_a_large_block_are_cut_by_days() -> None:
    assert cut([LARGE_BYTES // BLOCK_DAYS + 1] * 70) == [BLOCK_DAYS, BLOCK_DAYS, 70 - 2 * BLOCK_DAYS]


def test_a_block_goes_on_until_it_is_large() -> None:
    assert cut([LARGE_BYTES // 100] * 150) == [101, 49]


def test_small_days_are_one_block_however_many() -> None:
    assert cut([LARGE_BYTES // 2000] * 1500) == [1500]
