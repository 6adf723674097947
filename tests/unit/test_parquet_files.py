"""Parquet files of the landing zone (SPEC 2): the text that a CSV would hold, and what is refused."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from lake.landing.files import read_rows
from schemas.errors import InputRefusedError
from schemas.feeds import row_schema
from tests.unit.test_csv_files import COLUMNS, read


def write_parquet(folder: Path, columns: dict[str, Any], name: str = "x.parquet") -> Path:
    parquet.write_table(pa.table(columns), folder / name)
    return folder / name


def texts(folder: Path, values: pa.Array) -> list[str | None]:
    path = write_parquet(folder, {"a": values, "b": pa.nulls(len(values)), "other": pa.nulls(len(values))})
    frame = read_rows([path], COLUMNS)
    assert frame.schema == row_schema(COLUMNS)
    assert frame["position"].to_list() == list(range(1, len(values) + 1))
    assert frame.select("b", "torn").null_count().row(0) == (len(values), len(values))
    return frame["a"].to_list()


SHANGHAI = timezone(timedelta(hours=8))
MOMENT = datetime(2025, 1, 31, 1, 2, 3, 456789, tzinfo=SHANGHAI)
MOMENT_TEXT = "2025-01-30T17:02:03.456789+00:00"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["x", "", None, "券"]), ["x", None, None, "券"]),
        (pa.array(["x", ""], pa.large_string()), ["x", None]),
        (pa.array(["x", ""], pa.string_view()), ["x", None]),
        (pa.array(["x", "", None, "x"]).dictionary_encode(), ["x", None, None, "x"]),
        (pa.array([1, -2, None], pa.int8()), ["1", "-2", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([Decimal("0.10"), Decimal("-0.05"), None], pa.decimal128(18, 2)), ["0.10", "-0.05", None]),
        (pa.array([Decimal("1E-12")], pa.decimal128(38, 12)), ["0.000000000001"]),
        (pa.array([Decimal(10) ** 15], pa.decimal128(38, 0)), ["1000000000000000"]),
        (pa.array([date(2025, 1, 31), None]), ["2025-01-31", None]),
        (pa.array([date(2025, 1, 31)], pa.date64()), ["2025-01-31"]),
        (pa.array([MOMENT, None], pa.timestamp("us", "UTC")), [MOMENT_TEXT, None]),
        (pa.array([MOMENT], pa.timestamp("us", "Asia/Shanghai")), [MOMENT_TEXT]),
        (pa.array([MOMENT], pa.timestamp("us", "+08:00")), [MOMENT_TEXT]),
        (pa.array([1_999], pa.timestamp("ns", "UTC")), ["1970-01-01T00:00:00.000001+00:00"]),
        (pa.array([-1], pa.timestamp("ns", "UTC")), ["1969-12-31T23:59:59.999999+00:00"]),
        (pa.array([1_001], pa.timestamp("ms", "UTC")), ["1970-01-01T00:00:01.001000+00:00"]),
        (pa.array([MOMENT], pa.timestamp("us", "Z")), [MOMENT_TEXT]),
        (pa.array([MOMENT], pa.timestamp("us", "a zone nobody knows")), [MOMENT_TEXT]),
        (pa.array([2**60, None], pa.timestamp("ms", "UTC")), [str(2**60), None]),
        (pa.array([253_402_300_800_000_000], pa.timestamp("us", "UTC")), ["253402300800000000"]),
        (pa.array([-(2**31), 2**31 - 1, None], pa.date32()), [str(-(2**31)), str(2**31 - 1), None]),
        (pa.array([Decimal("0.0000000001"), None], pa.decimal256(60, 10)), ["0.0000000001", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([], pa.int64()), []),
        (pa.array([], pa.timestamp("us", "UTC")), []),
    ],
)
def test_a_parquet_column_is_the_text_that_a_csv_would_hold(
    tmp_path: Path, values: pa.Array, expected: list[str | None]
) -> None:
    assert texts(tmp_path, values) == expected


def test_what_polars_writes_is_read(tmp_path: Path) -> None:
    kinds = pl.Series(["x", None, "y"], dtype=pl.Categorical)
    amounts = pl.Series([Decimal("1.20"), None, Decimal("-3.00")], dtype=pl.Decimal(18, 2))
    pl.DataFrame({"a": kinds, "b": amounts}).write_parquet(tmp_path / "x.parquet", row_group_size=1)
    assert read_rows([tmp_path / "x.parquet"], COLUMNS).select(COLUMNS).rows() == [
        ("x", "1.20"),
        (None, None),
        ("y", "-3.00"),
    ]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (pa.array([1.5]), "column 'a' has type double: a binary float"),
        (pa.array([1.5], pa.float32()), "column 'a' has type float: a binary float"),
        (pa.array([1.5], pa.float16()), "column 'a' has type halffloat: a binary float"),
        (pa.array([1.5]).dictionary_encode(), "a binary float"),
        (
            pa.array([MOMENT], pa.timestamp("us")),
            "column 'a' has type timestamp[us]: a timestamp without a time zone",
        ),
        (pa.array([b"x"]), "column 'a' has type binary"),
        (pa.array([True]), "column 'a' has type bool"),
        (pa.array([["x"]]), "column 'a' has type list"),
        (pa.array([{"x": 1}]), "column 'a' has type struct"),
        (pa.array([1], pa.time64("us")), "column 'a' has type time64[us]"),
        (pa.array([1], pa.duration("us")), "column 'a' has type duration[us]"),
    ],
)
def test_a_parquet_column_that_is_refused(tmp_path: Path, values: pa.Array, fault: str) -> None:
    with pytest.raises(InputRefusedError) as refusal:
        texts(tmp_path, values)
    assert fault in refusal.value.what
    assert "x.parquet" in refusal.value.where


def test_a_parquet_file_that_is_refused(tmp_path: Path) -> None:
    good = write_parquet(tmp_path, {"a": ["1"] * 1000, "b": ["2"] * 1000}, "good.parquet").read_bytes()
    not_utf8 = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    bad_text = write_parquet(tmp_path, {"a": not_utf8, "b": ["2"]}, "bad.parquet").read_bytes()
    for content in (b"", b"a,b\n1,2\n", good[: len(good) // 2], good[:4] + good[60:], bad_text):
        with pytest.raises(InputRefusedError, match="not Parquet, or damaged"):
            read(tmp_path, content, "x.parquet")
    with pytest.raises(InputRefusedError, match="looks like Parquet"):
        read(tmp_path, good, "x.csv")
    with pytest.raises(InputRefusedError, match="column 'b' is missing"):
        read_rows([write_parquet(tmp_path, {"a": ["1"]})], COLUMNS)
    twice = pa.Table.from_arrays([pa.array(["1"])] * 3, names=["a", "b", "a"])
    parquet.write_table(twice, tmp_path / "x.parquet")
    with pytest.raises(InputRefusedError, match="column 'a' stands 2 times"):
        read_rows([tmp_path / "x.parquet"], COLUMNS)
