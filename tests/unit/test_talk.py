"""Talk on stderr: a bar at a terminal, lines now and then elsewhere, nothing when quiet."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from flows.commands import progress as talk
from flows.commands.progress import listening


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "150")
    with listening("a night", quiet=False) as listener:
        listener.at("settling", 1, 2, 1000)
    shown = capsys.readouterr()
    assert "a night: settling" in shown.err
    assert "1/2 days" in shown.err
    assert "1,000 rows, " in shown.err
    assert shown.out == ""


def test_elsewhere_lines_are_two_seconds_apart_and_the_last_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(talk.time, "monotonic", lambda: clock.now)
    with listening("a night", quiet=False) as listener:
        for moment, done in ((100.0, 0), (101.0, 1), (104.0, 2), (104.5, 3), (105.0, 4)):
            clock.now = moment
            listener.at("settling", done, 4, 1000 * done)
    assert capsys.readouterr().err.splitlines() == [
        "a night: settling, 0 of 4 days, 0 rows, 0 rows/s",
        "a night: settling, 2 of 4 days, 2,000 rows, 500 rows/s",
        "a night: settling, 4 of 4 days, 4,000 rows, 800 rows/s",
    ]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with listening("a night", quiet=True) as listener:
        listener.at("settling", 1, 1, 1000)
    assert capsys.readouterr() == ("", "")


def test_a_night_without_a_terminal_does_not_wait_for_libraries_that_it_has_no_use_for() -> None:
    heavy = {"prefect", "pandera", "rich", "altair", "great_tables", "xlsxwriter"}
    program = f"import flows.commands.main, flows.commands.nightly, sys; sys.exit(str({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
