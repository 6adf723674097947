"""A warehouse belongs to a root (SPEC 12, 13): nobody else's is written over, and what was changed in it is told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.commands.main import run
from tests.damage import state
from tests.small_lake import command, hooked
from tests.tiny import day, purchase, write_tiny

CASE = Path(__file__).resolve().parents[2] / "shared" / "data" / "cases" / "5"
DAYS = {n: [purchase(f"a{n}", n, "150.00")] for n in range(1, 5)}
NIGHT = ("nightly", "--date", str(day(2)))
DIE_WRITING = (
    "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
    "c.execute(\"update ledger set amount = amount + 1000 where kind = 'sales_proceeds'\"); os._exit(9)"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two roots of the same feeds, each settled and published by itself."""
    base = tmp_path_factory.mktemp("made")
    for name in ("a", "b"):
        write_tiny(base / name, DAYS, 4)
        assert command(base / name, "nightly", "--date", str(day(1))) == 0
    return base


@pytest.fixture
def roots(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "roots")
    for name in ("a", "b"):  # the copies' own publications, by their own paths
        assert command(tmp_path / "roots" / name, "publish") == 0
    return tmp_path / "roots"


def both(roots: Path) -> tuple[dict[str, str], ...]:
    return state(roots / "a"), state(roots / "b")


def settle(root: Path, warehouse: Path, *arguments: str) -> int:
    direct = ("--direct",) if arguments[0] in ("nightly", "backfill") else ()
    places = ("--root", str(root), "--warehouse", str(warehouse), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments, *direct])


def proceeds(warehouse: Path) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        ((total,),) = reader.sql("select sum(amount) from ledger where kind = 'sales_proceeds'").fetchall()
    return str(total)


@pytest.mark.parametrize(
    "asked",
    [
        NIGHT,
        ("nightly", "--date", str(day(1))),
        ("backfill", "--from", str(day(1)), "--to", str(day(2))),
        ("close", "--through", str(day(1))),
        ("publish",),
    ],
)
def test_another_roots_warehouse_is_not_overwritten(
    roots: Path, asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = both(roots)
    assert settle(roots / "a", roots / "b" / "w.duckdb", *asked) == 2
    told = capsys.readouterr().err
    assert "another root has published" in told
    assert str(roots / "b" / "w.duckdb") in told
    assert both(roots) == before


def test_a_new_root_does_not_take_a_warehouse_over(roots: Path, tmp_path: Path) -> None:
    write_tiny(tmp_path / "new", DAYS, 4)
    before = both(roots)
    assert settle(tmp_path / "new", roots / "b" / "w.duckdb", *NIGHT) == 2
    assert not (tmp_path / "new" / "lake").exists()
    assert both(roots) == before


def test_a_root_that_was_moved_keeps_its_warehouse(roots: Path) -> None:
    (roots / "a").rename(roots / "moved")
    assert command(roots / "moved", *NIGHT) == 0
    assert command(roots / "moved", "verify") == 0


def test_a_root_behind_a_link_is_the_same(roots: Path) -> None:
    (roots / "link").symlink_to(roots / "a")
    assert settle(roots / "link", roots / "a" / "w.duckdb", *NIGHT) == 0
    assert settle(roots / "a", roots / "link" / "w.duckdb", "nightly", "--date", str(day(3))) == 0


@pytest.mark.parametrize(
    "content", [b"figures, by hand\n", b"\x89PNG\r\n\x1a\n" * 100, b"\x00" * 8 + b"DUCK" + b"\x07" * 90]
)
def test_a_file_that_is_no_warehouse_is_left_alone(
    roots: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures"
    file.write_bytes(content)
    before = both(roots)
    for asked in (NIGHT, ("publish",), ("close", "--through", str(day(1)))):
        assert settle(roots / "a", file, *asked) == 2
        assert str(file) in capsys.readouterr().err
    assert file.read_bytes() == content
    assert both(roots) == before


def test_a_database_of_somebody_else_is_left_alone(roots: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.duckdb"
    with duckdb.connect(str(file)) as writer:
        writer.sql("create table runs as select 'x' as run_id")
    content = file.read_bytes()
    assert settle(roots / "a", file, *NIGHT) == 2
    assert file.read_bytes() == content


def test_a_folder_or_a_pipe_is_no_warehouse(roots: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    before = both(roots)
    for place in (tmp_path / "pipe", tmp_path / "folder", Path("/dev/null")):
        assert settle(roots / "a", place, *NIGHT) == 2
    assert both(roots) == before


def test_its_own_warehouse_is_made_anew_even_if_it_is_garbled(roots: Path) -> None:
    file = roots / "a" / "w.duckdb"
    with file.open("r+b") as own:
        own.write(b"\x00" * 4096)
    assert command(roots / "a", *NIGHT) == 0
    assert proceeds(file)


def test_an_empty_file_is_nobodys(roots: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.duckdb").touch()
    assert settle(roots / "a", tmp_path / "empty.duckdb", *NIGHT) == 0


def test_a_link_to_the_warehouse_stays_a_link(roots: Path, tmp_path: Path) -> None:
    (tmp_path / "link.duckdb").symlink_to(roots / "a" / "w.duckdb")
    assert settle(roots / "a", tmp_path / "link.duckdb", *NIGHT) == 0
    assert (tmp_path / "link.duckdb").is_symlink()
    assert proceeds(roots / "a" / "w.duckdb") == "270.00"


def test_a_lake_that_was_rolled_back_does_not_replace_what_shows_more(
    roots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(roots / "a" / "lake", tmp_path / "older")
    assert command(roots / "a", *NIGHT) == 0
    shutil.rmtree(roots / "a" / "lake")
    shutil.copytree(tmp_path / "older", roots / "a" / "lake")
    before = both(roots)
    for asked in (NIGHT, ("publish",), ("close", "--through", str(day(1))), ("verify", "--chain")):
        assert command(roots / "a", *asked) == 13, asked
        assert "the warehouse shows run 000002" in capsys.readouterr().err
    assert both(roots) == before


def test_what_somebody_wrote_is_told_and_gone_after_the_next_night(
    roots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, file = roots / "a", roots / "a" / "w.duckdb"
    with duckdb.connect(str(file)) as writer:
        writer.execute("update ledger set amount = amount + 1000 where kind = 'sales_proceeds'")
    assert proceeds(file) == "1135.00"
    assert command(root, "status") == 0
    assert "somebody has changed it" in capsys.readouterr().out
    assert command(root, "--json", "status") == 0
    assert json.loads(capsys.readouterr().out)["warehouse_changed"]
    for asked in (("verify",), ("verify", "--chain")):
        assert command(root, *asked) == 13
        assert "is not what was published" in capsys.readouterr().err
    assert command(root, "nightly", "--date", str(day(1))) == 0, "nothing to settle, but something to make good"
    assert proceeds(file) == "135.00"
    assert command(root, "verify") == 0
    assert command(root, "status") == 0
    assert "changed it" not in capsys.readouterr().out


def test_a_change_that_keeps_size_and_time_is_found_by_verify(roots: Path) -> None:
    file = roots / "a" / "w.duckdb"
    was = file.stat()
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    with file.open("r+b") as own:
        own.write(content)
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert command(roots / "a", "verify") == 13


def test_a_log_that_somebody_left_is_never_replayed(roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, file = roots / "a", roots / "a" / "w.duckdb"
    assert subprocess.run([sys.executable, "-c", DIE_WRITING, str(file)], check=False).returncode == 9
    assert file.with_name("w.duckdb.wal").exists()
    assert command(root, "status") == 0
    assert "w.duckdb.wal" in capsys.readouterr().out
    assert command(root, "verify") == 13
    assert command(root, *NIGHT) == 0
    assert not file.with_name("w.duckdb.wal").exists()
    assert proceeds(file) == "270.00"
    assert command(root, "verify") == 0


@pytest.mark.parametrize("when", ["replace warehouse", "replaced warehouse"])
def test_nor_is_one_that_is_written_while_a_night_publishes(when: str, roots: Path) -> None:
    root, file = roots / "a", roots / "a" / "w.duckdb"
    log = file.with_name("w.duckdb.wal")

    def leave(step: str) -> None:
        if step == when == "replace warehouse":
            subprocess.run([sys.executable, "-c", DIE_WRITING, str(file)], check=False)

    with hooked(leave):
        assert command(root, *NIGHT) == 0
    assert not log.exists()
    assert proceeds(file) == "270.00"


@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_case_5(tmp_path: Path) -> None:
    root, file = tmp_path / "root", tmp_path / "w.duckdb"
    shutil.copytree(CASE / "landing", root / "landing")
    places = ["--root", str(root), "--warehouse", str(file), "nightly", "--direct", "--date"]
    assert run([*places, "2025-01-30"]) == 0
    assert subprocess.run([sys.executable, "-c", DIE_WRITING, str(file)], check=False).returncode == 9
    assert run([*places, "2025-01-31"]) == 0
    assert proceeds(file) == "180.00"
    assert run(["--root", str(root), "--warehouse", str(file), "verify"]) == 0


def test_a_garbled_note_costs_nothing_but_what_it_knew(roots: Path) -> None:
    (roots / "a" / "lake" / "published.json").write_text("[1, 2", encoding="utf-8")
    assert command(roots / "a", *NIGHT) == 0
    assert command(roots / "a", "verify") == 0


def test_two_warehouses_of_one_root(roots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(roots / "a", tmp_path / "second.duckdb", "publish") == 0
    with duckdb.connect(str(roots / "a" / "w.duckdb")) as writer:
        writer.execute("drop table solvency")
    assert settle(roots / "a", tmp_path / "second.duckdb", "verify") == 0
    assert command(roots / "a", "verify") == 13


def test_a_demo_takes_no_place_but_a_demos(
    roots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.commands import demo as worlds  # noqa: PLC0415

    monkeypatch.setattr(
        worlds, "DEMO", worlds.WorldSpec(members=40, merchants=4, days=31, transactions_per_day=9, seed=1)
    )
    before = both(roots)
    places = ["--root", str(tmp_path / "demo"), "--warehouse"]
    assert run([*places, str(roots / "b" / "w.duckdb"), "demo"]) == 2
    assert both(roots) == before
    assert not (tmp_path / "demo").exists()
    own = str(tmp_path / "demo.duckdb")
    for _ in range(2):
        assert run([*places, own, "demo"]) == 0
    shutil.rmtree(tmp_path / "demo")
    assert run([*places, own, "demo"]) == 0, "the warehouse of a demo is any demo's to replace"
    shutil.rmtree(tmp_path / "demo")
    before = both(roots)
    assert settle(roots / "a", Path(own), *NIGHT) == 2, "and nobody else's"
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "rulebook.toml").write_text("# mine\n", encoding="utf-8")
    assert run([*places, own, "demo"]) == 2
    assert (tmp_path / "demo" / "rulebook.toml").read_text(encoding="utf-8") == "# mine\n"
