"""Sorting by one number gives the order of sorting by the key's columns."""

from datetime import date

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

from lake.tables import sorting
from lake.tables.sorting import sorted_by

KEY = ("day", "kind", "holder", "txn")
SCHEMA = {"day": pl.Date, "kind": pl.String, "holder": pl.Int64, "txn": pl.String}
IDS = st.one_of(st.integers(1, 5), st.integers(1, 2**63 - 1), st.integers(-(2**63), -1))
DAYS = st.one_of(st.dates(date(2025, 1, 1), date(2025, 1, 3)), st.dates())
ROWS = st.lists(st.tuples(DAYS, st.sampled_from(["", "b", "a", "积"]), IDS, st.text(max_size=2)), max_size=30)


@given(ROWS)
@pytest.mark.parametrize("words", [1, 3, 256])
@pytest.mark.parametrize("key", [KEY, ("holder", "kind", "txn", "day"), ("txn", "day", "kind", "holder")])
def test_one_number_sorts_as_the_columns_do(words: int, key: tuple[str, ...], rows: list[tuple]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").unique()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "WORDS_AT_MOST", words)
        assert sorted_by(frame, key).equals(frame.sort(key))


def test_a_null_in_the_key_is_sorted_all_the_same() -> None:
    frame = pl.DataFrame({"a": [2, None, 1], "b": ["x", "y", None]})
    assert sorted_by(frame, ("a", "b")).equals(frame.sort("a", "b"))
    assert sorted_by(frame.head(0), ("a", "b")).is_empty()
