"""The landing zone (SPEC 2): which files there are, every row of them, and what is refused."""

import gzip
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lake import csv_files
from lake.landing import Control, Landing
from lake.row_files import read_rows
from schemas.errors import InputMissingError, InputRefusedError
from schemas.feeds import COIN_REDEMPTIONS, FEEDS, PAYOUTS, TRANSACTIONS, row_schema

DAY = date(2025, 1, 31)
COLUMNS = ("a", "b")
Row = tuple[int, str | None, str | None, str | None]
"""position, a, b, torn"""


def read(folder: Path, content: bytes, name: str = "x.csv") -> list[Row]:
    (folder / name).write_bytes(content)
    frame = read_rows([folder / name], COLUMNS)
    assert frame.schema == row_schema(COLUMNS)
    assert set(frame["file"]) <= {name}
    return frame.select("position", "a", "b", "torn").rows()


def whole(*rows: tuple[str | None, str | None]) -> list[Row]:
    return [(at, a, b, None) for at, (a, b) in enumerate(rows, start=1)]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b\n1,2\n3,4\n", whole(("1", "2"), ("3", "4"))),
        (b"\xef\xbb\xbfa,b\n1,2\n", whole(("1", "2"))),
        (b'\xef\xbb\xbf"a","b"\r\n1,2\r\n\r\n3,4\r\n', whole(("1", "2"), ("3", "4"))),
        (b"a,b\r1,2\r3,4\r", whole(("1", "2"), ("3", "4"))),
        (b"\n\na,b\n\n1,2\n\n\n3,4\n\n", whole(("1", "2"), ("3", "4"))),
        (b'a,b\n,""\n"",2\n', whole((None, None), (None, "2"))),
        (b"a,b\nNA,null\n , 2\n", whole(("NA", "null"), (" ", " 2"))),
        (b'a,b\n"1\n,""x""",2\n3,4\n', whole(('1\n,"x"', "2"), ("3", "4"))),
        ("b,抵用券,a,a b\n2,9,1,9\n".encode(), whole(("1", "2"))),
        (b"a,x,b,x\n1,9,2,9\n", whole(("1", "2"))),
        (b"a,b\n1,\x002\n", whole(("1", "\x002"))),
        (b"a,b\n", []),
        (b"a,b", []),
        (b"a,b\n\n\n", []),
        (b"a,b\n1,2\n3,4", whole(("1", "2"), ("3", "4"))),
        (b'a,b\n1,"2"', whole(("1", "2"))),
        (b"a,b\ntorn\n1,2", [(1, "torn", None, "torn"), (2, "1", "2", None)]),
    ],
)
def test_a_csv_file(tmp_path: Path, content: bytes, rows: list[Row]) -> None:
    assert read(tmp_path, content) == rows


def test_torn_rows_keep_their_place_and_their_text(tmp_path: Path) -> None:
    content = b'a,b\n\n1,2\n3\n"4\n5",6,7\n  \n8,9\n\n10\n'
    assert read(tmp_path, content) == [
        (1, "1", "2", None),
        (2, "3", None, "3"),
        (3, "4\n5", "6", '"4\n5",6,7'),
        (4, "  ", None, "  "),
        (5, "8", "9", None),
        (6, "10", None, "10"),
    ]


def test_torn_rows_keep_their_place_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK", 1 << 10)
    lines = [f"{number}" if number % 97 == 0 else f'{number},"x\ny\nz"' for number in range(1, 5001)]
    rows = read(tmp_path, ("a,b\n" + "\n".join(lines) + "\n").encode())
    assert [torn or a for _, a, _, torn in rows] == [str(number) for number in range(1, 5001)]
    assert [position for position, *_ in rows] == list(range(1, 5001))
    assert sum(torn is not None for *_, torn in rows) == 5000 // 97


@pytest.mark.parametrize("torn", ["", "torn\n"])
def test_a_cell_larger_than_any_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: str) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK", 1 << 16)
    huge = "x" * 2_000_000
    rows = read(tmp_path, f'a,b\n1,2\n{torn}3,"{huge}"\n5,6\n'.encode())
    assert [a for _, a, _, torn in rows if torn is None] == ["1", "3", "5"]
    assert rows[-2][2] == huge
    assert [position for position, *_ in rows] == list(range(1, 4 + bool(torn)))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'a,b\n1,2\n3,"4\n5,6\n', "ends inside a quoted cell"),
        (b'a,b\n1,2\n"3,4', "ends inside a quoted cell"),
        (b'a,b\n1\n3,"', "ends inside a quoted cell"),
        (b"a,b\n1,2\n3", "cut off in the middle"),
        (b"a,b\n1,2\n3,4,5", "cut off in the middle"),
        (b"a,b\n1\n1,2\n\0\0\0\0", "cut off in the middle"),
        (b"a,b\n1,\xff\n", "not CSV in UTF-8"),
        (b"a,b\n1,2\n\xff\n", "not CSV in UTF-8"),
        (b"a,b,c\n1,2,\xff\n", "not CSV in UTF-8"),
        (b"a,b,\xff\n1,2,3\n", "not CSV in UTF-8"),
        (b"a,b\n" + b"1,2\n" * 10_000 + b"3,\xff\n", "not CSV in UTF-8"),
        (b"a,b\n" + b"1,2\n" * 10_000 + b"3,\xe5\x88", "not CSV in UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "looks like UTF-16"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "looks like gzip"),
        (b"", "column 'a' is missing; column 'b' is missing"),
        (b"\n\n", "column 'a' is missing"),
        (b"a;b\n1;2\n", "column 'a' is missing"),
        (b"1,2\n3,4\n", "column 'a' is missing"),
        (b"a, b\n1,2\n", "column 'b' is missing"),
        (b"a,b,a\n1,2,3\n", "column 'a' stands 2 times"),
        (b"x" * 200_000, "not CSV"),
    ],
)
def test_a_csv_file_that_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    with pytest.raises(InputRefusedError) as refusal:
        read(tmp_path, content)
    assert fault in refusal.value.what
    assert str(tmp_path / "x.csv") in refusal.value.where


def test_missing_columns_are_told_beside_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match="'betrag'") as refusal:
        read(tmp_path, b"betrag,b\n1,2\n")
    assert refusal.value.exit_code == 12


CELLS = st.text(alphabet='x"\n\r, \0é', max_size=4)


@settings(max_examples=80)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    line_end=st.sampled_from(["\n", "\r\n"]),
    ended=st.booleans(),
)
def test_what_was_quoted_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], line_end: str, ended: bool
) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("a", "b"), *rows]]
    content = line_end.join(lines) + (line_end if ended else "")
    found = read(tmp_path_factory.mktemp("csv"), content.encode())
    assert found == whole(*((a or None, b or None) for a, b in rows))


@settings(max_examples=80)
@given(cut=st.integers(min_value=8), broken=st.booleans())
def test_no_cut_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, cut: int, broken: bool) -> None:
    """Wherever a file is cut: refused, or whole rows before a last one that lacks the end of its last cell."""
    content = b'a,b\n"one\n1","x,""y"""\n' + (b"torn\n" if broken else b"") + b'"two",z\n3,"'
    content += b'last\n"\n'
    before = read(tmp_path_factory.mktemp("csv"), content)
    kept = content[: 4 + cut % (len(content) - 4)]
    try:
        after = read(tmp_path_factory.mktemp("csv"), kept)
    except InputRefusedError:
        return
    certain = after if kept.endswith(b"\n") else after[:-1]
    assert certain == before[: len(certain)]


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


def deliver(root: Path, name: str, content: bytes | str, feed: str = "transactions", day: str = str(DAY)) -> Path:
    folder = root / "landing" / feed / f"day={day}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def transactions(*ids: str) -> str:
    header = ",".join(TRANSACTIONS.columns)
    return "\n".join([header, *(name + "," * (len(TRANSACTIONS.columns) - 1) for name in ids)]) + "\n"


def test_a_day_is_read_by_file_name_and_then_position(tmp_path: Path) -> None:
    deliver(tmp_path, "b.csv", transactions("3", "4"))
    deliver(tmp_path, "a.csv", transactions("2"))
    deliver(tmp_path, "B.csv", transactions("1"))
    folder = deliver(tmp_path, "empty.csv", transactions()).parent
    values = {name: pa.nulls(1, pa.string()) for name in TRANSACTIONS.columns}
    write_parquet(folder, values | {"txn_id": ["5"]}, "c.parquet")
    for ignored in (".d.csv", "d.csv.tmp", "_SUCCESS", "control.json"):
        deliver(tmp_path, ignored, "no CSV at all")
    landing = Landing(tmp_path)
    frame = pl.concat(landing.read_day(TRANSACTIONS, DAY))
    assert frame.schema == row_schema(TRANSACTIONS.columns)
    assert frame.select("txn_id", "file", "position").rows() == [
        ("1", "B.csv", 1),
        ("2", "a.csv", 1),
        ("3", "b.csv", 1),
        ("4", "b.csv", 2),
        ("5", "c.parquet", 1),
    ]
    assert landing.size(DAY) == sum(path.stat().st_size for path in landing.files(TRANSACTIONS, DAY)) > 0


def test_a_missing_day_stops_and_a_missing_optional_feed_does_not(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    for feed in (COIN_REDEMPTIONS, PAYOUTS):
        assert landing.files(feed, DAY) == []
        assert list(landing.read_day(feed, DAY)) == []
    with pytest.raises(InputMissingError, match="2025-01-31") as missing:
        landing.read_day(TRANSACTIONS, DAY)
    assert missing.value.exit_code == 11
    deliver(tmp_path, "notes.txt", "its files are under way")
    with pytest.raises(InputMissingError, match="2025-01-31"):
        landing.read_day(TRANSACTIONS, DAY)


def test_a_folder_that_is_named_like_a_file_is_refused(tmp_path: Path) -> None:
    for name in ("part.csv", "part.parquet"):
        folder = deliver(tmp_path / name, "_SUCCESS", "").parent / name
        folder.mkdir()
        with pytest.raises(InputRefusedError, match=r"part\."):
            list(Landing(tmp_path / name).read_day(TRANSACTIONS, DAY))


def test_the_days(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    assert (landing.first_day(), landing.days()) == (None, [])
    for day in ("2025-02-01", "2025-01-31", "2025-01-30.tmp", "2025-02-30", "2025-1-5", "20250103"):
        deliver(tmp_path, "x.csv", "", day=day)
    deliver(tmp_path, "x.csv", "", feed="payouts", day="2024-12-31")
    (tmp_path / "landing" / "transactions" / "day=2025-01-01").write_text("a file")
    assert (landing.first_day(), landing.days()) == (DAY, [DAY, date(2025, 2, 1)])


def test_the_fingerprint_changes_with_whatever_a_day_reads(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    seen = []
    changes = [
        ("x.csv", "one", "transactions"),
        ("x.csv", "two", "transactions"),
        ("y.csv", "", "transactions"),
        ("control.json", "{}", "transactions"),
        ("x.csv", "one", "payouts"),
        ("x.csv", "one", "coin_redemptions"),
        ("control.json", "{}", "payouts"),
    ]
    for name, content, feed in changes:
        deliver(tmp_path, name, content, feed)
        seen.append(landing.fingerprint(DAY))
    assert len(set(seen)) == len(changes)
    deliver(tmp_path, "notes.txt", "of no effect")
    deliver(tmp_path, ".x.csv", "of no effect")
    deliver(tmp_path, "x.csv", "another day", day="2025-02-01")
    assert landing.fingerprint(DAY) == seen[-1]
    folder = landing.day_folder(TRANSACTIONS, DAY)
    (folder / "y.csv").rename(folder / "z.csv")
    assert landing.fingerprint(DAY) not in seen
    with pytest.raises(InputMissingError):
        landing.fingerprint(date(2025, 2, 2))


def test_the_fingerprint_does_not_depend_on_where_the_root_is(tmp_path: Path) -> None:
    for root in (tmp_path / "one", tmp_path / "another" / "place"):
        deliver(root, "x.csv", "same")
    one, other = Landing(tmp_path / "one"), Landing(tmp_path / "another" / "place")
    assert one.fingerprint(DAY) == other.fingerprint(DAY)


def test_the_fingerprint_tells_two_files_from_one(tmp_path: Path) -> None:
    deliver(tmp_path / "one", "a.csv", "xy")
    deliver(tmp_path / "two", "a.csv", "x")
    deliver(tmp_path / "two", "b.csv", "y")
    assert Landing(tmp_path / "one").fingerprint(DAY) != Landing(tmp_path / "two").fingerprint(DAY)


def test_the_fingerprint_of_the_reference_data(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    nothing = landing.reference_fingerprint()
    folder = tmp_path / "landing" / "reference"
    folder.mkdir(parents=True)
    assert landing.reference_fingerprint() == nothing
    (folder / "members.csv").write_text("1")
    one = landing.reference_fingerprint()
    (folder / "members.csv").write_text("2")
    assert len({nothing, one, landing.reference_fingerprint()}) == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"rows": 3, "amount": "123.45"}', Control(3, Decimal("123.45"))),
        ('{"amount": 0.10, "rows": 0, "sender": "x"}', Control(0, Decimal("0.10"))),
        (
            '\ufeff{"rows": 1, "amount": "12345678901234567890.123"}',
            Control(1, Decimal("12345678901234567890.123")),
        ),
        ('{"rows": 1, "amount": 12}', Control(1, Decimal(12))),
    ],
)
def test_the_senders_control(tmp_path: Path, content: str, expected: Control) -> None:
    deliver(tmp_path, "control.json", content)
    assert Landing(tmp_path).control(TRANSACTIONS, DAY) == expected
    assert Landing(tmp_path).control(PAYOUTS, DAY) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"rows": 3}',
        '{"amount": "1"}',
        '{"rows": "3", "amount": "1"}',
        '{"rows": true, "amount": "1"}',
        '{"rows": 3.0, "amount": "1"}',
        '{"rows": -1, "amount": "1"}',
        '{"rows": 3, "amount": null}',
        '{"rows": 3, "amount": true}',
        '{"rows": 3, "amount": NaN}',
        '{"rows": 3, "amount": "1e2"}',
        '{"rows": 3, "amount": "1,000"}',
        '{"rows": 3, "amount": ""}',
        b"\xff",
    ],
)
def test_a_control_that_cannot_be_read_is_refused(tmp_path: Path, content: str | bytes) -> None:
    deliver(tmp_path, "control.json", content)
    with pytest.raises(InputRefusedError) as refusal:
        Landing(tmp_path).control(TRANSACTIONS, DAY)
    assert "control.json" in refusal.value.where


def test_every_amount_and_rate_is_a_column_of_its_feed() -> None:
    for feed in FEEDS:
        assert set(feed.exact_columns) < set(feed.columns)
        assert feed.id_column in feed.columns
