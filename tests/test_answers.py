"""Answers arrive, whole and readable, or the command says that they did not: any stdout, any terminal, any value."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.commands.main import run
from flows.commands.outlet import Answers
from flows.commands.output import print_json
from flows.commands.table_text import table_lines
from flows.operations.aftermath import what_stands
from flows.settings import Settings
from tests.tiny import day, purchase, write_tiny

SETTLE = Path(sys.executable).with_name("settle")
CASE = Path(__file__).parent.parent.parent / "shared" / "data" / "cases" / "13"
FULL = Path("/dev/full")
NASTY = ("p\x1b[31mred\x1b[0m", "x\u202e001\u2066", "[bold]b[/bold]", "nul\x7f\x9b", "积分\u200b1")
MALFORMED = "bad\x1b]0;t\x07,purchase,yesterday\x1b[2J,1,1,1\u202e,,,,,"
READING = [
    ["status"],
    ["explain", "member", "1"],
    ["explain", "merchant", "1"],
    ["forecast", "--months", "2"],
    ["compare", "--from", str(day(1)), "--to", str(day(3)), "--rulebook", "OTHER"],
    ["backfill", "--from", str(day(1)), "--to", str(day(3)), "--dry-run", "--rulebook", "OTHER"],
    ["backfill", "--from", str(day(1)), "--to", str(day(3)), "--direct"],
    ["nightly", "--date", str(day(3)), "--direct"],
    ["verify"],
    ["verify", "--chain"],
    ["report", "--out", "report.html"],
    ["export", "--month", "2019-03", "--to", "out"],
    ["publish"],
    ["tidy"],
    ["close", "--through", str(day(1))],
    ["rulebook", "check", "BOOK"],
]
"""Commands that answer again and again."""


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a root of three days, whose ids are what nobody wants on a terminal."""
    folder = tmp_path_factory.mktemp("nasty")
    rows = [purchase(name, 1, "1000.00", member=1 + number % 2) for number, name in enumerate(NASTY)]
    _, book = write_tiny(
        folder / "data",
        {1: [*rows, MALFORMED], 2: [purchase("b\u202e", 2, "9999.99")]},
        3,
        rules={
            'first_rate = "0.005"': 'source = "\\u001b[5m\\u202esaid\\nso"\nfirst_rate = "0.005"',
            'launch = "200"': 'launch = "100"',
        },
    )
    (folder / "other.toml").write_text(
        book.read_text(encoding="utf-8").replace('first_rate = "0.005"', 'first_rate = "0.004"'), encoding="utf-8"
    )
    assert run([*places(folder), "nightly", "--date", str(day(3)), "--direct", "--json"]) == 0
    yield folder


def places(folder: Path) -> list[str]:
    root = folder / "data"
    return ["--root", str(root), "--warehouse", str(folder / "w.duckdb"), "--rulebook", str(root / "rulebook.toml")]


def asked(folder: Path, command: list[str]) -> list[str]:
    """The command with its places; the last --rulebook counts."""
    words = {"OTHER": folder / "other.toml", "BOOK": folder / "data" / "rulebook.toml"}
    given = [str(words.get(word, word)) for word in command]
    if "OTHER" in command:
        return [*places(folder)[:-2], *given]
    return [*places(folder), *given]


@pytest.fixture
def there(settled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(settled)
    return settled


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_an_answer_that_does_not_arrive_is_no_success(
    there: Path, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = asked(there, command)
    with monkeypatch.context() as patched, FULL.open("w", encoding="utf-8") as full:
        patched.setattr("sys.stdout", full)
        assert run(arguments) == 1
    told = capsys.readouterr().err
    assert "the answer did not arrive" in told
    assert "No space left" in told
    assert "the disk is full" not in told
    assert "Traceback" not in told
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", None)
        assert run([*arguments, "--json"]) == 1
    assert "the answer did not arrive" in capsys.readouterr().err


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_nothing_steers_the_terminal_and_json_is_json(
    there: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(asked(there, command)) == 0
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert all(line.isprintable() for line in text.replace("\u3000", "").split("\n")), ascii(text)
    assert run([*asked(there, command), "--json"]) == 0
    json.loads(capsys.readouterr().out)


def test_a_value_in_json_is_the_value_and_in_text_its_escape(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", "member", "1", "--date", str(day(1))]
    assert run(asked(there, [*command, "--json"])) == 0
    answer = json.loads(capsys.readouterr().out)
    ids = {row.get("txn_id") for amount in answer["amounts"] for row in [amount, *amount["parts"], *amount["inputs"]]}
    assert ids >= {NASTY[0], NASTY[2], NASTY[4]}
    assert run(asked(there, command)) == 0
    text = capsys.readouterr().out
    assert "p\\x1b[31mred\\x1b[0m of 2019-03-01 12:00:00 +08:00" in text
    assert "[bold]b[/bold]" in text


def test_the_report_and_the_workbook_show_what_is_hidden(there: Path) -> None:
    assert run(asked(there, ["report", "--out", "page.html"])) == 0
    page = (there / "page.html").read_text(encoding="utf-8")
    assert all(line.isprintable() for line in page.split("\n"))


def settle(folder: Path, command: list[str], **surroundings: str) -> "subprocess.CompletedProcess[bytes]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    given = {
        "SETTLE_ROOT": str(folder / "data"),
        "SETTLE_WAREHOUSE": str(folder / "w.duckdb"),
        "SETTLE_RULEBOOK": str(folder / "data" / "rulebook.toml"),
    }
    return subprocess.run(
        [SETTLE, *command], env={**clean, **given, **surroundings}, cwd=folder, capture_output=True, check=False
    )


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
@pytest.mark.parametrize("command", [["explain", "member", "1"], ["forecast", "--months", "2"]], ids=lambda c: c[0])
def test_a_terminal_without_chinese_gets_the_answer(there: Path, command: list[str], encoding: str) -> None:
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    told = settle(there, command, **poor)
    assert (told.returncode, told.stderr) == (0, b"")
    told.stdout.decode(encoding)
    told = settle(there, [*command, "--json"], **poor)
    assert told.returncode == 0
    rich = settle(there, [*command, "--json"], PYTHONUTF8="1")
    assert json.loads(told.stdout.decode(encoding)) == json.loads(rich.stdout.decode("utf-8"))


def test_a_chinese_path_is_found_where_the_locale_knows_none(there: Path, tmp_path: Path) -> None:
    root = tmp_path / "积分"
    root.symlink_to(there / "data")
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    told = settle(there, ["status"], **poor, SETTLE_ROOT=str(root))
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"2019-03-01 to 2019-03-03" in told.stdout
    missing = settle(there, ["report"], **poor, SETTLE_WAREHOUSE=str(root / "无.duckdb"))
    assert missing.returncode == 11
    assert b"\\u65e0.duckdb" in missing.stderr


@pytest.mark.parametrize(
    ("closed", "code", "arrives"),
    [(">&-", 1, False), ("2>&-", 0, True), ("<&-", 0, True), (">&- 2>&- <&-", 1, False), ("| head -0", 0, False)],
)
def test_closed_streams(there: Path, closed: str, code: int, arrives: bool) -> None:
    line = f'"$@" {closed}; exit "${{PIPESTATUS[0]}}"'
    command = [SETTLE, *asked(there, ["explain", "member", "1"])]
    told = subprocess.run(["bash", "-c", line, "bash", *command], capture_output=True, check=False)
    assert told.returncode == code
    assert told.stdout.startswith(b"member 1: ") is arrives
    assert told.stderr == b"" or (closed == ">&-" and told.stderr.startswith(b"settle: the answer did not arrive"))


def test_a_night_whose_answer_is_lost_says_that_it_was_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny(tmp_path / "data", {1: [purchase("a", 1, "10.00")]}, 2)
    night = ["nightly", "--direct", "--date"]
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", None)
        assert run([*places(tmp_path), *night, str(day(1))]) == 1
    told = capsys.readouterr().err
    assert "its answer is lost" in told
    assert f"settled through {day(1)}: run 000001-" in told

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("flows.operations.settle.publish_lake", stop)
        assert run([*places(tmp_path), *night, str(day(2))]) == 130
    told = capsys.readouterr().err
    assert f"stopped by hand; the books are settled through {day(2)}: run 000002-" in told
    assert "the warehouse does not show it yet: `settle publish`" in told
    with monkeypatch.context() as patched:
        patched.setattr("flows.operations.settle.settle", stop)
        assert run([*places(tmp_path), *night, str(day(2))]) == 130
    assert "stopped by hand; the books are as they were before" in capsys.readouterr().err
    assert "as they were" in what_stands(Settings(tmp_path / "data"), datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "member", str(2**63)],
        ["explain", "member", "0"],
        ["explain", "member", "9" * 5000],
        ["explain", "member", "1", "--date", "0001-01-01"],
        ["explain", "member", "\x1b[2J"],
        ["nightly", "--direct", "--date", "9999-12-31"],
        ["nightly", "--direct", "--date", "0001-01-01"],
        ["nightly", "--direct", "--accept-quarantine", "0001-01-01"],
        ["backfill", "--direct", "--from", "0001-01-01", "--to", "9999-12-31"],
        ["close", "--through", "9999-12-31"],
        ["compare", "--from", "0001-01-01", "--to", "0001-01-02"],
        ["report", "--date", "10000-01-01"],
        ["report", "--month", "9999-12"],
        ["export", "--month", "0001-01", "--to", "out"],
        ["forecast", "--months", str(10**30)],
        ["--buckets", str(10**30), "status"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "-1"],
        ["serve", "--port", str(10**30)],
        ["serve", "--fund-floor", "NaN"],
        ["serve", "--quarantine-share", "sNaN"],
        *(
            ["simulate", "--out", "nowhere", option, str(10**30)]
            for option in ("--members", "--merchants", "--days", "--txns-per-day", "--seed")
        ),
        ["--root", "a\udcff", "status"],
        ["--root", "a\0b", "status"],
    ],
    ids=lambda arguments: ascii(" ".join(arguments))[:60],
)
def test_what_no_number_or_date_or_text_can_be_is_2(
    there: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*places(there), *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("settle: ")
    assert all(line.isprintable() for line in told.split("\n"))


def test_books_are_not_closed_before_they_begin(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*places(there), "close", "--through", str(day(0))]) == 12
    assert f"{day(0)} is before the first settled day" in capsys.readouterr().err
    assert run([*places(there), "verify"]) == 0


def test_figures_are_whole_at_any_width(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    figure = f"{Decimal(10**24):,}"
    lines = table_lines("a [bold]title[/bold]\x1b", ["na\u4e2dme"], ["x"] * 12, [["[red]n", *[figure] * 12]])
    assert sum(line.count(figure) for line in lines) == 12
    assert lines[0] == "a [bold]title[/bold]\\x1b"
    assert "[red]n" in lines[-2]
    assert not any("…" in line for line in lines)


def test_json_keeps_every_character_and_shows_none_that_hides(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"a": "积分 \u202e \x7f \x9b \u2028 \U000e0041 \udcff 😀"}
    print_json(value)
    text = capsys.readouterr().out
    assert "积分" in text
    assert "😀" in text
    assert text[:-1].isprintable()
    assert json.loads(text) == value


def test_a_stream_that_was_closed_meanwhile_is_told(tmp_path: Path) -> None:
    real = (tmp_path / "answer").open("w", encoding="utf-8")
    answers = Answers(real)
    print("one", file=answers)
    real.close()
    print("two", file=answers)
    assert isinstance(answers.settle(), ValueError)


@pytest.mark.skipif(not CASE.is_dir(), reason="the cases are not here")
def test_case_13(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "landing").symlink_to(CASE / "landing")
    at = ["--root", str(tmp_path), "--warehouse", str(tmp_path / "w.duckdb")]
    assert run([*at, "nightly", "--direct", "--date", "2025-01-31"]) in (0, 12)
    settled = run([*at, "explain", "member", "1"])
    assert run([*at, "status"]) == 0
    told = capsys.readouterr()
    assert settled in (0, 11)
    for text in (told.out, told.err):
        assert all(line.isprintable() for line in text.split("\n"))
    if (tmp_path / "w.duckdb").exists():
        with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as reader:
            assert reader.sql("select count(*) from transactions").fetchall() != [(0,)]
    assert run([*at, "explain", "member", "9223372036854775808"]) == 2
