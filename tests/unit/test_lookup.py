"""A row is found by its id wherever ids have gaps and wherever they have none."""

import hypothesis.strategies as st
import polars as pl
from hypothesis import given

from transforms.exact.lookup import looked_up

IDS = st.one_of(st.integers(1, 9), st.integers(2**63 - 9, 2**63 - 1))


@given(
    st.one_of(st.sets(IDS), st.integers(1, 5).map(lambda first: set(range(first, first + 4)))),
    st.lists(st.none() | IDS),
)
def test_each_id_gets_its_own_row_or_nulls(known: set[int], asked: list[int | None]) -> None:
    table = pl.DataFrame(
        {"id": sorted(known), "name": [f"n{n}" for n in sorted(known)]}, schema={"id": pl.Int64, "name": pl.String}
    )
    found = looked_up(pl.Series("asked", asked, pl.Int64), table, "id", ("id", "name"))
    assert found.rows() == [(n, f"n{n}") if n in known else (None, None) for n in asked]
