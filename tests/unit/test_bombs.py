"""Files that unfold to more than anybody needs are refused with their place (SPEC 2), and cost no memory."""

import io
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from lake.landing import columns as file_columns
from lake.landing import csv_parser, parquet_limits
from lake.landing.files import read_rows
from schemas.errors import InputRefusedError

COLUMNS = ("a", "b")


def repeated(folder: Path, texts: dict[str, str], rows: int) -> Path:
    """A Parquet file whose every row has these texts: a dictionary of one entry a column."""
    zeros = pa.array(np.zeros(rows, "int32"))
    table = pa.table({name: pa.DictionaryArray.from_arrays(zeros, pa.array([text])) for name, text in texts.items()})
    with parquet.ParquetWriter(folder / "x.parquet", table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)
    return folder / "x.parquet"


def test_more_rows_than_a_file_can_have(tmp_path: Path) -> None:
    path = repeated(tmp_path, {"a": "x", "b": "y"}, 1_000_000)
    assert path.stat().st_size < 20_000
    with pytest.raises(InputRefusedError, match=r"promises 1,000,000 rows") as refusal:
        read_rows([path], COLUMNS)
    assert str(path) in refusal.value.where


@pytest.mark.parametrize(("length", "rows"), [(10_000_000, 1_000), (1_000_000, 3_000), (30_000_000, 40)])
def test_more_text_than_a_part_may_have(length: int, rows: int, tmp_path: Path) -> None:
    path = repeated(tmp_path, {"a": "x" * length, "b": "y"}, rows)
    with pytest.raises(InputRefusedError, match=r"unfold to [\d,]+ bytes of text"):
        read_rows([path], COLUMNS)


def test_a_text_of_many_megabytes_in_parquet(tmp_path: Path) -> None:
    path = repeated(tmp_path, {"a": "ok", "b": "x" * (file_columns.CELL_BYTES + 1)}, 2)
    with pytest.raises(InputRefusedError, match="longer than is read") as refusal:
        read_rows([path], COLUMNS)
    assert "column 'b'" in refusal.value.where


def test_texts_within_the_limits_are_read(tmp_path: Path) -> None:
    path = repeated(tmp_path, {"a": "x" * 1_000, "b": "y"}, 1_000)
    assert read_rows([path], COLUMNS)["a"].str.len_bytes().sum() == 1_000_000


@pytest.mark.parametrize("cell", ["{}", '"{}"', '"{}\n{}"'])
def test_a_text_of_many_megabytes_in_csv(cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (csv_parser, file_columns):
        monkeypatch.setattr(module, "CELL_BYTES", 1 << 20)
    monkeypatch.setattr(csv_parser, "_BLOCK", 1 << 16)
    path = tmp_path / "x.csv"
    long = cell.format(*["x" * (2 << 20)] * cell.count("{}"))
    path.write_text(f'a,b\n1,"two\nlines"\n2,{long}\n3,c\n', encoding="utf-8")
    with pytest.raises(InputRefusedError, match="longer than is read") as refusal:
        read_rows([path], COLUMNS)
    assert refusal.value.where == f"{path}, line 4"


def test_a_long_text_in_csv_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_parser, "_BLOCK", 1 << 16)
    path = tmp_path / "x.csv"
    path.write_text(f"a,b\n1,{'x' * (3 << 20)}\n2,c\n", encoding="utf-8")
    assert read_rows([path], COLUMNS)["b"].str.len_bytes().to_list() == [3 << 20, 1]


def promised(rows: int, places: slice) -> bytes:
    """A file of 1,000 rows whose footer says otherwise: of the file, of its columns, of its group, in this order."""
    buffer = io.BytesIO()
    parquet.write_table(pa.table({name: [f"{name}{n}" for n in range(1_000)] for name in COLUMNS}), buffer)
    content = buffer.getvalue()
    length = struct.unpack("<I", content[-8:-4])[0]
    body, footer, end = content[: -8 - length], bytearray(content[-8 - length : -8]), content[-8:]
    told = [at for at in range(len(footer) - 1) if footer[at : at + 2] == _varint(1_000)]
    for at in told[places]:
        footer[at : at + 2] = _varint(rows)
    return body + bytes(footer) + end


def _varint(number: int) -> bytes:
    """A zigzag varint of two bytes, as Thrift writes it."""
    doubled = 2 * number
    return bytes([doubled & 0x7F | 0x80, doubled >> 7])


@pytest.mark.parametrize("rows", [500, 2_000])
@pytest.mark.parametrize("places", [slice(0, 1), slice(-1, None), slice(1, None), slice(1, -1)])
def test_a_footer_that_promises_other_rows(rows: int, places: slice, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(promised(rows, places))
    with pytest.raises(InputRefusedError, match="footer promises"):
        read_rows([path], COLUMNS)


def test_a_footer_that_promises_more_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(promised(2_000, slice(None)))
    with pytest.raises(InputRefusedError, match="promises 2,000 rows where there are 1,000"):
        read_rows([path], COLUMNS)
    path.write_bytes(promised(1_000, slice(None)))
    assert read_rows([path], COLUMNS).height == 1_000


def test_an_ordinary_part_has_room() -> None:
    assert parquet_limits.PART_BYTES > 10 * file_columns.PART_ROWS * 200
