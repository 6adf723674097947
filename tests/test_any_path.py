"""A folder's path may hold any character that the system allows (SPEC 2): everything works in it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from rich.progress import TextColumn

from flows.commands.demo import told_to_try
from flows.commands.main import run as settle
from flows.commands.progress_bar import Bar
from flows.settings import Settings
from lake.landing.parquet_rows import read_parquet
from tests.tiny import HEADER, day, purchase, refund, write_tiny

DAYS = {
    1: [purchase("a1", 1, "900.00"), purchase("a2", 1, "1500.00", 2, merchant=2)],
    2: [purchase("b1", 2, "800.00", 2)],
    3: [purchase("c1", 3, "700.00"), refund("r1", 3, "100.00", "a1", 1), purchase("c2", 3, "10.005")],
}
PLACES = (
    "结算 #1 e\u0301\u202e",
    'a%20b%c it\'s "quoted" `too` {root} $HOME !x (y)',
    "[1] a[!b]*c?",
    "| & ; < > ^\t\x01new\nline",
    " -dash /**",
    "bucket=7/pool=x/day=2025-01-01",
    "back\\slash",
    "s3:/file:x",
    "~",
)
EVENT = ", ".join(
    f"1 as {name}" for name in ("pool", "event_no", "value_date", "trigger", "growth", "holders", "amount")
)
QUESTIONS: tuple[tuple[str, ...], ...] = (  # the first three in every folder, all of them in some
    ("verify",),
    ("verify", "--chain"),
    ("publish",),
    ("tidy",),
    ("status",),
    ("explain", "member", "1"),
    ("forecast", "--months", "2"),
    ("compare", "--from", str(day(1)), "--to", str(day(3))),
    ("export", "--month", "2019-03", "--to", "out [1]*%20"),
)


def run(root: Path, *arguments: str) -> int:
    """By its relative path; the warehouse beside it, in a folder of that name unless DuckDB cannot say it."""
    place = root if "\\" not in str(root) else Path()
    direct = ("--direct",) if arguments[0] in ("nightly", "backfill") else ()
    places = (f"--root={root}", f"--warehouse={place / 'w.duckdb'}", f"--rulebook={root / 'rulebook.toml'}")
    return settle([*places, *arguments, *direct])


@pytest.mark.parametrize("name", PLACES)
def test_everything_works_in_any_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nights, proofs, publication, views over files, and every question."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    root = Path(name)
    write_tiny(root, DAYS, 3, promoters=["1,2018-01-01,,"], merchant_promoters=["1,1,2018-01-01"])
    for number in (1, 2, 3):
        assert run(root, "nightly", "--date", str(day(number))) == 0, capsys.readouterr().err
    assert run(root, "backfill", "--from", str(day(2)), "--to", str(day(3)), "--dry-run") == 0
    add_row(root, 2)
    assert run(root, "backfill", "--from", str(day(2)), "--to", str(day(3))) == 0
    assert run(root, "close", "--through", str(day(1))) == 0
    for question in QUESTIONS if name in PLACES[:3] else QUESTIONS[:3]:
        assert run(root, *question) == 0, (question, capsys.readouterr().err)
    if name == PLACES[2]:
        assert run(root, "report", "--date", str(day(3))) == 0
    with duckdb.connect(next(tmp_path.rglob("w.duckdb")), read_only=True) as reader:
        assert reader.sql("select distinct pool, bucket from positions").fetchall() == [("consumer", 0)]
        assert reader.sql("select distinct pool from ledger order by all").fetchall() == [("",), ("consumer",)]
        assert reader.sql("select count(*) from transactions").fetchall() == [(6,)]
    assert {path.name for path in tmp_path.iterdir()} <= {"w.duckdb", "out [1]*%20", root.parts[0]}


def add_row(root: Path, number: int) -> None:
    """Another file of a day."""
    file = root / "landing" / "transactions" / f"day={day(number)}" / "z.csv"
    file.write_text("\n".join([HEADER, purchase("z", number, "50.00", 2)]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", ["file:", "~"])
def test_parquet_is_read_from_any_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name, "members.parquet")
    path.parent.mkdir()
    with path.open("wb") as file:
        pl.DataFrame({"member_id": ["1"]}).write_parquet(file)
    assert [part["member_id"].to_list() for part in read_parquet(path, ("member_id",))] == [["1"]]


@pytest.mark.parametrize(
    ("root", "warehouse", "words"),
    [
        ("r", b"x\xff/w.duckdb", "not UTF-8"),
        (b"r\xff", "w.duckdb", "not UTF-8"),
        ("r", "x\\y/w.duckdb", "--warehouse"),
        ("r\\[1]", "w.duckdb", "backslash"),
    ],
)
def test_what_no_library_can_name_is_refused_before_anything_is_written(
    root: str | bytes,
    warehouse: str | bytes,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    world = Path(os.fsdecode(root))
    write_tiny(world, DAYS, 3)
    before = sorted(tmp_path.rglob("*"))
    places = [f"--root={world}", f"--warehouse={os.fsdecode(warehouse)}", f"--rulebook={world / 'rulebook.toml'}"]
    assert settle([*places, "nightly", "--direct", "--date", str(day(1))]) == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_path_goes_through_links_and_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er [1]").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er [1]")
    for root in (Path("link"), Path("link", "..", "beside")):
        write_tiny(root, DAYS, 3)
        assert run(root, "nightly", "--date", str(day(2))) == 0
        assert run(root, "verify") == 0
    assert (tmp_path / "deep" / "er [1]" / "w.duckdb").exists()
    assert (tmp_path / "deep" / "beside" / "w.duckdb").exists()


def test_a_night_under_prefect_in_a_folder_of_any_name(tmp_path: Path) -> None:
    """Prefect's database lies below the root, too, and nothing lies elsewhere."""
    root = tmp_path / "结算 #1" / "a?b%20{c} [1] 'd' \"e\""
    write_tiny(root, DAYS, 3)
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "SETTLE"))}
    places = ["--root", root, "--warehouse", root / "w.duckdb", "--rulebook", root / "rulebook.toml"]
    done = subprocess.run(
        [Path(sys.executable).with_name("settle"), *places, "nightly", "--date", str(day(3))],
        capture_output=True,
        text=True,
        env=surroundings,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"settled {day(1)} to {day(3)}" in done.stdout
    assert (root / ".prefect" / "prefect.db").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["结算 #1"]
    assert [path.name for path in (tmp_path / "结算 #1").iterdir()] == [root.name]


@pytest.mark.parametrize("name", ["data", "a b", 'it\'s "x" #1 $HOME `y`', "-dash", "~", "new\nline"])
def test_printed_commands_can_be_pasted_into_a_shell(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = Path(name) / "w.duckdb"
    duckdb.connect(tmp_path / "w.duckdb").execute(f"create table pool_events as select {EVENT}").close()
    (tmp_path / name).mkdir()
    (tmp_path / "w.duckdb").rename(tmp_path / there)
    words = shlex.split(told_to_try(Settings(Path(name), there)))
    script = words[words.index("-c") + 1]
    given = words[words.index("-c") + 2 : words.index(".venv/bin/settle")]
    asked = [sys.executable, "-c", script, *given]
    assert subprocess.run(asked, cwd=tmp_path, capture_output=True, check=False, text=True).returncode == 0
    roots = {Path(words[at + 1]) for at, word in enumerate(words) if word == "--root"}
    assert roots == {Path(name)}


def test_a_path_is_shown_as_it_is_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("simulate [1]/[bold]/:smile:") as bar:
        bar.at("writing", 0, 1, 0)
        [task] = bar.progress.tasks
        column = next(each for each in bar.progress.columns if isinstance(each, TextColumn))
        assert column.render(task).plain == "simulate [1]/[bold]/:smile:: writing"
    capsys.readouterr()
