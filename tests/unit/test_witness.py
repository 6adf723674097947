"""What is booked is what was fingerprinted: a file that changes, goes or comes meanwhile is refused (SPEC 2)."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lake.landing import witness
from lake.landing.witness import Witness
from schemas.errors import InputRefusedError


def rewrite(file: Path) -> None:
    file.write_bytes(b"other")


def append(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b"x")


def replace(file: Path) -> None:
    new = file.with_name(".new")
    new.write_bytes(file.read_bytes())
    new.replace(file)


def rewrite_and_hide(file: Path) -> None:
    """As many bytes, with the times set back."""
    before = file.stat()
    file.write_bytes(b"b" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def remove(file: Path) -> None:
    file.unlink()


def move_away(file: Path) -> None:
    file.rename(file.with_name("other.csv"))


def add(file: Path) -> None:
    file.with_name("late.csv").write_bytes(b"a")


def seen(folder: Path) -> tuple[Witness, Path]:
    """A folder with a file, which a witness has seen."""
    file = folder / "a.csv"
    file.write_bytes(b"aaaaa")
    found = Witness()
    found.names(folder)
    found.digests([file])
    return found, file


@pytest.mark.parametrize("change", [rewrite, append, replace, rewrite_and_hide, remove, move_away, add])
def test_a_change_is_named(tmp_path: Path, change: Callable[[Path], None]) -> None:
    found, file = seen(tmp_path)
    found.require_same()
    change(file)
    with pytest.raises(InputRefusedError) as caught:
        found.require_same()
    assert caught.value.exit_code == 12
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_was_written_within_the_tick_of_a_clock_is_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, file = seen(tmp_path)
    rewrite_and_hide(file)
    monkeypatch.setattr(witness, "_identity", lambda path: found._files[path].identity)
    with pytest.raises(InputRefusedError, match="has changed"):
        found.require_same()


def test_an_old_file_is_asked_for_its_times_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"a")
    hour = 3_600_000_000_000
    with monkeypatch.context() as patch:
        patch.setattr(witness.time, "time_ns", lambda now=time.time_ns: now() + hour)
        found = Witness()
        found.digests([tmp_path / "a.csv"])
    monkeypatch.setattr(witness, "_look", lambda path: pytest.fail(f"{path} was hashed again"))
    found.require_same()


@pytest.mark.parametrize("name", [".late.csv", "_late.csv"])
def test_names_that_count_for_nothing_may_come_and_go(tmp_path: Path, name: str) -> None:
    found, _ = seen(tmp_path)
    (tmp_path / name).write_bytes(b"x")
    found.require_same()


def test_a_folder_that_comes_is_named(tmp_path: Path) -> None:
    found = Witness()
    found.names(tmp_path / "payouts")
    found.require_same()
    (tmp_path / "payouts").mkdir()
    found.require_same()
    (tmp_path / "payouts" / "p.csv").write_bytes(b"x")
    with pytest.raises(InputRefusedError, match="has appeared"):
        found.require_same()


def test_a_file_behind_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    aim = tmp_path / "far" / "x"
    aim.write_bytes(b"one")
    (tmp_path / "a.csv").symlink_to(aim)
    found = Witness()
    found.digests([tmp_path / "a.csv"])
    aim.write_bytes(b"two")
    with pytest.raises(InputRefusedError, match="has changed"):
        found.require_same()


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match="cannot be read"):
        Witness().digests([tmp_path / "gone.csv"])


def test_a_file_that_is_written_to_while_it_is_hashed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a")
    digest = witness.hashlib.file_digest

    def slow(opened: object, name: str) -> object:
        append(file)
        return digest(opened, name)  # type: ignore[arg-type]

    monkeypatch.setattr(witness.hashlib, "file_digest", slow)
    with pytest.raises(InputRefusedError, match="being written to"):
        Witness().digests([file])
