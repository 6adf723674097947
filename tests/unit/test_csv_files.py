"""CSV files of the landing zone (SPEC 2): every row in its place, torn ones with their text, and what is refused."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.landing import csv_parser
from lake.landing.files import read_rows
from schemas.errors import InputRefusedError
from schemas.feeds import row_schema

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
    monkeypatch.setattr(csv_parser, "_BLOCK", 1 << 10)
    lines = [f"{number}" if number % 97 == 0 else f'{number},"x\ny\nz"' for number in range(1, 5001)]
    rows = read(tmp_path, ("a,b\n" + "\n".join(lines) + "\n").encode())
    assert [torn or a for _, a, _, torn in rows] == [str(number) for number in range(1, 5001)]
    assert [position for position, *_ in rows] == list(range(1, 5001))
    assert sum(torn is not None for *_, torn in rows) == 5000 // 97


@pytest.mark.parametrize("torn", ["", "torn\n"])
def test_a_cell_larger_than_any_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: str) -> None:
    monkeypatch.setattr(csv_parser, "_BLOCK", 1 << 16)
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
