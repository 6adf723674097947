"""Rows that wait come back the same whether they waited in memory or on disk, and leave nothing behind."""

from pathlib import Path

import polars as pl
import pytest

from lake.draft.spill import FOLDER, Waiting, WaitingRoom

ROWS = pl.DataFrame({"row_no": range(9), "name": ["a", "b", None] * 3})


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.draft.spill.FILE_ROWS", 1)


def kept(lake: Path, plain: int, parts: int = 3) -> tuple[WaitingRoom, list[Path], Waiting]:
    room = WaitingRoom(lake, "run")
    frames = room.frames(ROWS.clear(), plain)
    for first in range(0, ROWS.height, parts):
        frames.keep(ROWS[first : first + parts])
    frames.keep(ROWS.clear())
    return room, sorted((lake / FOLDER).rglob("*.parquet")), frames


@pytest.mark.parametrize(("plain", "files"), [(9, 0), (3, 2), (0, 3)])
def test_what_is_above_the_plain_rows_waits_on_disk(plain: int, files: int, tmp_path: Path) -> None:
    room, written, frames = kept(tmp_path, plain)
    assert len(written) == files
    assert frames.all().equals(ROWS)
    wanted = pl.DataFrame({"row_no": [7, 1, 2], "why": ["x", "y", "z"]})
    found = pl.concat(frames.of(wanted))
    assert found.rows() == [(1, "b", "y"), (2, None, "z"), (7, "b", "x")]
    assert pl.concat(frames.of(wanted.clear())).columns == ["row_no", "name", "why"]
    assert frames.take().equals(ROWS)
    assert list(tmp_path.rglob("*.parquet")) == []
    assert frames.all().is_empty()
    room.close()
    assert list(tmp_path.iterdir()) == []


def test_a_room_is_empty_once_it_is_closed_and_others_stay(tmp_path: Path) -> None:
    room, written, frames = kept(tmp_path, 0)
    other = tmp_path / FOLDER / "another run" / "00001.parquet"
    other.parent.mkdir()
    other.touch()
    frames.drop()
    assert not any(path.exists() for path in written)
    room, _, _ = kept(tmp_path, 0)
    room.close()
    assert list(tmp_path.rglob("*.parquet")) == [other]


@pytest.mark.parametrize(("rows", "files"), [(3, 2), (4, 1), (5, 1), (8, 0)])
def test_small_frames_share_files(rows: int, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nine rows in frames of two the first stays in memory, the others go to disk as soon as they are `rows`."""
    monkeypatch.setattr("lake.draft.spill.FILE_ROWS", rows)
    room, written, frames = kept(tmp_path, 2, parts=2)
    assert len(written) == files
    assert frames.all().equals(ROWS)
    wanted = pl.DataFrame({"row_no": [0, 3, 4, 8]})
    assert pl.concat(frames.of(wanted)).equals(ROWS[[0, 3, 4, 8]])
    frames.drop()
    assert frames.all().is_empty()
    room.close()
    assert list(tmp_path.iterdir()) == []
