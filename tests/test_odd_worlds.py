"""Odd files and odd surroundings: an exit code and a sentence within seconds, and everything as it was (SPEC 12)."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows import settings
from flows.commands.main import run
from flows.nights.server.address import given_address
from schemas.errors import ConfigurationError
from tests.damage import same_state
from tests.small_lake import command
from tests.tiny import day, purchase, write_tiny

NIGHT = ("nightly", "--direct", "--date", str(day(1)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write_tiny(root, {1: [purchase("a", 1, "10.00")]}, 1)
    assert command(root, *NIGHT[:1], *NIGHT[2:]) == 0
    return root


def asked(root: Path, *arguments: str, warehouse: Path | str | None = None) -> int:
    return run(["--root", str(root), "--warehouse", str(warehouse or root / "w.duckdb"), *arguments])


def told(capsys: pytest.CaptureFixture[str]) -> str:
    found = capsys.readouterr().err
    assert "Traceback" not in found
    assert "a defect of the program" not in found
    return found


@pytest.mark.parametrize("threads", ["0", "-1", "abc", "", " 4", "99999999999", "1.5", "٣"])
def test_a_number_of_threads_that_is_none(
    threads: str, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", threads)
    with same_state(root):
        assert asked(root, *NIGHT) == 10
    assert "POLARS_MAX_THREADS" in told(capsys)


def test_a_number_of_threads(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "2")
    assert asked(root, "status") == 0


@pytest.mark.parametrize("year", [1, 1899, 3000, 9999])
def test_a_clock_that_no_calendar_reaches(
    year: int, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(year, 12, 31, 23, tzinfo=UTC)

    monkeypatch.setattr(settings, "datetime", Clock)
    for command_line in (("nightly", "--direct"), ("status", "--check"), ("forecast",)):
        with same_state(root):
            assert asked(root, *command_line) == 10
        assert f"the year {year}" in told(capsys)


ADDRESSES = (
    *("garbage", "127.0.0.1:4200", "http://", "http:///api", "ftp://x/api", "http://[", "https://[::1"),
    *("http://h:abc/api", "http://h:99999/api", "http://h/api?token=SECRET", "http://h/api#SECRET"),
    "//u:SECRET@h/api",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("what", [("nightly", "--date", str(day(2))), ("serve", "--port", "4999")])
def test_what_is_no_address_of_a_server(
    what: tuple[str, ...],
    address: str,
    root: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", address)
    with same_state(root):
        assert asked(root, *what) == 10
    found = told(capsys)
    assert "PREFECT_API_URL" in found
    assert "SECRET" not in found


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("http://u:SECRET@127.0.0.1:9/api", "http://127.0.0.1:9/api"),
        ("http://u:SECRET@[::1]:9/api/", "http://[::1]:9/api"),
        ("http://u:S%40CRET@127.0.0.1:9/api", "http://127.0.0.1:9/api"),
    ],
)
def test_a_password_in_the_address_goes_where_it_is_not_shown(
    address: str, left: str, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", address)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "")
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    assert asked(root, "nightly", "--date", str(day(2))) == 10
    found = told(capsys)
    assert f"PREFECT_API_URL={left}" in found
    assert "CRET" not in found
    assert os.environ["PREFECT_API_URL"] == left
    assert os.environ["PREFECT_API_AUTH_STRING"] in ("u:SECRET", "u:S@CRET")


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", " ")
    assert given_address() is None
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example/api")
    assert given_address() == "https://prefect.example/api"
    monkeypatch.setenv("PREFECT_API_URL", "nothing")
    with pytest.raises(ConfigurationError):
        given_address()


NOTES = (
    *("{", "[]", "null", "", '{"command": 1}', "[" * 100_000, '{"command": "x", "failed_at": "2019-03-01"}'),
    json.dumps({"command": "x", "failed_at": "y", "exit_code": 1, "what": "a", "where": "b", "to_do": "c"}),
    json.dumps({"command": "x", "failed_at": "2019-03-01T00:00:00", "what": "a", "where": "b", "to_do": "c"}),
)


@pytest.mark.parametrize("note", [*NOTES, b"\xff\xfe", "pipe", "folder"])
def test_a_garbled_note_of_the_last_failure(note: str | bytes, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "reports" / "last_failure.json"
    path.parent.mkdir(exist_ok=True)
    if note == "pipe":
        os.mkfifo(path)
    elif note == "folder":
        path.mkdir()
    else:
        path.write_bytes(note if isinstance(note, bytes) else note.encode())
    assert asked(root, "status") == 0
    assert "the note of the last failure cannot be read" in capsys.readouterr().out
    assert asked(root, "--json", "status") == 0
    assert asked(root, *NIGHT) == 0


@pytest.mark.parametrize("name", [":memory:", "md:books", "s3://bucket/w.duckdb", "http://h/w", "ducklake:w", "a.b:c"])
def test_a_name_that_duckdb_takes_for_an_address(
    name: str, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert asked(root, "publish", warehouse=name) == 2
    assert "takes this name for an address" in told(capsys)
    assert sorted(tmp_path.iterdir()) == before
    assert asked(root, "publish", warehouse=tmp_path / name.replace("/", "-")) == 0, "a path from / on is one"


@pytest.mark.parametrize("place", ["lake/w.duckdb", "landing/w.duckdb", "landing/reference/w.csv", "lake", "link/w"])
def test_lake_and_feeds_are_no_place_for_anything_else(
    place: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "link").symlink_to(root / "landing")
    with same_state(root):
        assert asked(root, "publish", warehouse=root / place) == 2
        assert "nothing else may lie" in told(capsys)
        for line in (("report", "--out"), ("heads", "--to"), ("export", "--month", "2019-03", "--to")):
            assert asked(root, *line, str(root / place)) == 2
            assert "nothing else may lie" in told(capsys)


@pytest.mark.parametrize("aim", ["pipe", "/dev/null", "/dev/zero", "/dev/full", "to_pipe"])
def test_devices_and_pipes_are_neither_read_nor_written(
    aim: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to_pipe").symlink_to("pipe")
    place = str(tmp_path / aim)
    lines = [
        (2, "publish"),
        (2, "report", "--out", place),
        (2, "heads", "--to", place),
        (2, "export", "--month", "2019-03", "--to", place),
        (2, "simulate", "--out", place, "--members", "1", "--merchants", "1", "--days", "1", "--txns-per-day", "1"),
        (11, "verify", "--chain", "--heads", place),
        (10, "rulebook", "check", place),
        (10, "compare", "--rulebook", place, "--from", str(day(1)), "--to", str(day(1))),
        (10, "--rulebook", place, "nightly", "--direct"),
    ]
    with same_state(root):
        for code, *line in lines:
            assert asked(root, *line, warehouse=place if line == ["publish"] else None) == code, line
            assert told(capsys)
    for line in (["status"], [*NIGHT], ["serve", "--port", "4999"]):
        assert asked(Path(place), *line, warehouse=tmp_path / "w.duckdb") == 11, line
        assert told(capsys)


def test_a_service_of_a_root_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(tmp_path / "none", "serve", warehouse=tmp_path / "w.duckdb") == 11
    assert "there is no such root" in told(capsys)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("port", ["-1", "0", "65536", "x", "4200.5"])
def test_what_is_no_port(port: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(root, "serve", "--port", port) == 2
    assert "--port" in told(capsys)


@pytest.mark.parametrize("number", ["1.7", "1.0", "1e1", "0x10", "1_0", "+1", "٣", " 1", "1" + "0" * 40, ""])
def test_what_is_no_whole_number_is_not_made_one(number: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An id that was rounded would be answered with somebody else's account."""
    for line in (["explain", "member", number], ["forecast", f"--months={number}"], [f"--buckets={number}", "status"]):
        assert asked(root, *line) == 2
        assert told(capsys)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "inf", "-inf", "1e400", "1e16", "abc", ""])
def test_what_is_no_threshold(number: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--fund-floor", "--quarantine-share"):
        assert asked(root, "serve", f"{option}={number}") == 2
        assert option in told(capsys)


@pytest.mark.parametrize("number", ["2147483648", "0", "-1", "1" + "0" * 30])
def test_what_is_no_number_of_buckets(number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(tmp_path, {1: []}, 1)
    assert asked(tmp_path, f"--buckets={number}", *NIGHT) == 2
    assert "--buckets" in told(capsys)
