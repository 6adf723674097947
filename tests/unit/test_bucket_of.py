"""The warehouse finds the bucket of an id as the lake does: whoever asks for a holder's rows there misses none."""

import duckdb
import polars as pl
import pytest

from marts.building import bucket_of
from transforms.exact.buckets import bucket

IDS = [1, 2, 7, 12_345, 9_999_999, 10_000_000, 2**31, 2**53 + 1, 2**63 - 1]


@pytest.mark.parametrize("buckets", [1, 2, 3, 8, 80])
def test_the_warehouse_and_the_lake_agree(buckets: int) -> None:
    ids = pl.DataFrame({"id": IDS}, schema={"id": pl.Int64})
    wanted = ids.with_columns(bucket=bucket(pl.col("id"), buckets))["bucket"].to_list()
    with duckdb.connect() as connection:
        connection.execute(bucket_of(buckets).sql)
        found = [connection.execute("select bucket_of(?)", [number]).fetchone() for number in IDS]
    assert [row[0] for row in found if row] == wanted
