"""The quotes of a CSV file (SPEC 2), against a plain reading of the rule, byte by byte."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lake.landing import csv_parser, csv_quotes
from lake.landing.csv_quotes import QuoteFault, Quotes
from lake.landing.files import read_rows
from schemas.errors import InputRefusedError

BYTES = st.lists(st.sampled_from(b'""",\n\rx'), max_size=400).map(bytes)


def plain(text: bytes) -> tuple[QuoteFault | None, int | None]:
    """The first fault; without one, the quote that is still open at the end."""
    opened, begins = None, True
    for at, byte in enumerate(text):
        behind = text[at + 1 : at + 2]
        if byte == ord('"') and opened is None:
            if not begins and text[at - 1 : at] != b'"':
                return QuoteFault(at), None
            opened = at
        elif byte == ord('"'):
            if behind and behind not in (b",", b"\n", b"\r", b'"'):
                return QuoteFault(at, opened), None
            opened = None
        begins = byte in b",\r\n"
    return None, opened


@settings(max_examples=400)
@given(text=BYTES, cuts=st.lists(st.integers(0, 400), max_size=5), at_once=st.sampled_from([1, 2, 63, 64, 65, 1 << 18]))
@example(text=b'"x"' + b"y" * 70, cuts=[3], at_once=64)
def test_quotes_are_judged_as_byte_by_byte(text: bytes, cuts: list[int], at_once: int) -> None:
    quotes = Quotes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_quotes, "_AT_ONCE", at_once)
        edges = [0, *sorted(cuts), len(text)]
        for start, end in pairwise(edges):
            quotes.see(text[start:end])
    fault, opened = plain(text)
    assert quotes.fault == fault
    if fault is None:
        assert quotes.open_since == opened


def read(folder: Path, content: bytes, columns: tuple[str, ...] = ("a", "b")) -> list[tuple[object, ...]]:
    (folder / "x.csv").write_bytes(content)
    return read_rows([folder / "x.csv"], columns).select(columns).rows()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b'a,b\n1,"2"3\n', {2}),
        (b'a,b\n1,2\n"3" ,4\n', {3}),
        (b'a,b\n1,2"\n', {2}),
        (b'a,b\n1,x"y\n', {2}),
        (b'a,b\n1, "y"\n', {2}),
        (b'a,b\r1,2\r\r3,4"5\r', {4}),
        (b'a,b\r\n1,2\r\n\r\n3,4"5\r\n', {4}),
        (b'a"c,b\n1,2\n', {1}),
        (b'"a,b\n1,2\n', {1}),
        (b'\xef\xbb\xbfa,b\n1,2\n3,"4"\xef\xbb\xbf\n', {3}),
        (b'a,b,x\n1,2,"5 inch\n3,4,tea\n5,6,"7 inch\n', {4, 2}),
        (b'a,b,x\n1,2,"5 inch\n3,4,tea\n', {2}),
        (b'a,b,x\n1,2,5"\n', {2}),
        (b'a,b\n1,"x\ny\nz"w\n', {4, 2}),
        (b'a,b\n1,"x""y"z"\n', {2}),
        (b'a,b\n1,""x""\n', {2}),
        (b'a,b\n1,"2', {2}),
        (b'a,b\n1,"""', {2}),
        (b'a,b\ntorn\nx,"y"z\n', {3}),
        (b'a,b\ntorn\nx,"yz\n', {3}),
    ],
)
def test_any_other_quote_is_refused_with_its_line(tmp_path: Path, content: bytes, lines: set[int]) -> None:
    with pytest.raises(InputRefusedError) as refusal:
        read(tmp_path, content)
    said = str(refusal.value)
    assert refusal.value.where.startswith(f"{tmp_path / 'x.csv'}, line ")
    assert all(f"line {line}" in said for line in lines), said


def test_a_quoted_line_break_at_any_place_of_a_block_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """apache/arrow 51368: a line feed that begins a block is lost, if the block before ends with a carriage return."""
    monkeypatch.setattr(csv_parser, "_BLOCK", 128)
    for before in range(130):
        lines = [b"a,b", b"p" * before + b',"q\r\n\r\nr"', *(b'%d,"x\r\ny\r"' % number for number in range(20))]
        for end in (b"\n", b"\r\n", b"\r"):
            rows = read(tmp_path, end.join(lines) + end)
            expected = [("p" * before or None, "q\r\n\r\nr"), *((str(number), "x\r\ny\r") for number in range(20))]
            assert rows == expected


def test_quotes_at_any_place_of_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_parser, "_BLOCK", 64)
    monkeypatch.setattr(csv_quotes, "_AT_ONCE", 16)
    for before in range(70):
        head = b"a,b\n" + b"p" * before
        assert read(tmp_path, head + b',"x""y,"\n"1","2"\n') == [("p" * before or None, 'x"y,'), ("1", "2")]
        with pytest.raises(InputRefusedError, match="where none may be"):
            read(tmp_path, head + b',"x"y\n"1","2"\n')


def test_a_row_that_looks_like_something_of_ours_is_a_row(tmp_path: Path) -> None:
    """Nothing that a sender can write is taken for a mark of the program's own."""
    mark = b"\x01end of file\x01"
    assert read(tmp_path, b"a,b\n" + b",".join([mark] * 3) + b"\n1,2\n") == [(mark.decode(), mark.decode()), ("1", "2")]


@pytest.mark.parametrize("size", [200_000, 5_000_000])
def test_a_torn_row_may_have_a_cell_of_any_size(tmp_path: Path, size: int) -> None:
    rows = read(tmp_path, b"a,b\n1,2\n3," + b"x" * size + b",5\n6,7\n")
    assert [a for a, _ in rows] == ["1", "3", "6"]


@pytest.mark.parametrize("last", ["合计,1笔,100.00", "total", '"合计","1,5",2', '"two\nlines"'])
def test_a_last_line_that_is_no_row_may_be_a_trailer_or_a_cut(tmp_path: Path, last: str) -> None:
    with pytest.raises(InputRefusedError) as refusal:
        read(tmp_path, b"a,b\r\n1,2\r\n\r\n" + last.encode())
    assert "trailer" in refusal.value.what
    assert "cut off in the middle" in refusal.value.what
    assert refusal.value.where == f"{tmp_path / 'x.csv'}, line 4"
    assert "delivered without one" in refusal.value.todo
    assert "whole file delivered again" in refusal.value.todo
    assert "\n" not in refusal.value.what


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"a,b\n1,\xff\n", 2), (b"a,b\r1,2\r\n3,\xe5\x88\r\n", 3), (b"a,b\n1,2\n3,\xe5\x88", 3), (b"a,b\n\n1,\xff\n", 3)],
)
def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path, content: bytes, line: int) -> None:
    with pytest.raises(InputRefusedError, match="not UTF-8") as refusal:
        read(tmp_path, content)
    assert refusal.value.where == f"{tmp_path / 'x.csv'}, line {line}"
