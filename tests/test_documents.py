"""Every command of README and docs works as it is printed, on the demo; and every option that they name is there.

`nightly` and `backfill` run without Prefect here; tests/test_schedule.py runs them with it.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from flows.commands.app import app
from flows.commands.main import run
from simulator import WorldSpec
from tests.documents import HERE, PAGES, Block, blocks, spans

NOT_RUN = {
    "README.md: make demo": "builds an environment; what it makes is what all other blocks run on",
    "README.md: settle demo": "the list of commands: their names and options are checked",
    "docs/operations.md: git clone <repository> && cd <repository>": "needs the network",
    "docs/operations.md: settle serve": "runs until it is stopped; tests/test_schedule.py runs it",
    "docs/operations.md: export PREFECT_SERVER_DATABASE_CONNECTION_URL=": "needs PostgreSQL",
    "docs/operations.md: export PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=": "a setting of a shared Prefect server",
    "docs/operations.md: useradd": "needs a machine of its own, and root",
    "docs/operations.md: runuser": "needs the service of the block before",
    "docs/security.md: cat data/.prefect/api_auth": "made by the first start of `settle serve`",
    "docs/finance.md: duckdb": "DuckDB's own command line is no package of this project",
}
"""Blocks by the beginning of their names, and why a test cannot run them."""
EXITS = {"settle status --check": 11}
"""Commands that end with another code on the demo, as the text beside them says: its days are long past."""
OF_OTHER_TESTS = {("docs/finance.md", "sql"), ("docs/finance.md", "python")}
"""tests/test_finance_doc.py runs them, and compares their answers."""
CHANGING = re.compile(r"run 0|finished 20|\.\.\.$|^verified|, [0-9.]+ s$")
"""Printed lines that no two runs have in common, or that the page has cut off."""
REMARKS = 53
"""The column of the README's list of commands from which it says what they do."""
EVERYWHERE = ("--root", "--warehouse", "--rulebook", "--json", "--debug", "--buckets")

pytestmark = pytest.mark.xdist_group("documents")


def is_left_out(block: Block) -> bool:
    return any(block.name.startswith(name) for name in NOT_RUN) or (block.page, block.kind) in OF_OTHER_TESTS


@pytest.fixture
def checkout(demo_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `make demo` leaves it, in which the reader types."""
    for name in ("landing", "lake"):
        shutil.copytree(demo_warehouse.parent / name, tmp_path / "data" / name)
    shutil.copy(demo_warehouse.parent / "rulebook.toml", tmp_path / "data")
    (tmp_path / "rulebooks").symlink_to(HERE / "rulebooks")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "BACKUP").symlink_to("data")
    (tmp_path / "NEW").mkdir()
    for name in [name for name in os.environ if name.startswith(("SETTLE_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert settle("publish")[0] == 0
    return tmp_path


def settle(*arguments: str) -> tuple[int, str]:
    """The command in this process: its exit code and answer."""
    direct = ["--direct"] if {"nightly", "backfill"} & {*arguments} and "--direct" not in arguments else []
    with redirect_stdout(StringIO()) as answer:
        code = run([*arguments, *direct])
    return code, answer.getvalue()


def shell(script: str) -> tuple[int, str]:
    """A script of bash, which stops at the first command that fails."""
    ended = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, f"{script}\n{ended.stdout}\n{ended.stderr}"
    return ended.returncode, ended.stdout


def typed(block: Block) -> str:
    """Everything that a block of commands answers; each ends as it should."""
    if not all(line.startswith("settle ") for line in block.commands):
        return shell(block.text)[1]
    answers = ""
    for line in block.commands:
        code, answer = settle(*shlex.split(line)[1:])
        assert code == EXITS.get(line, 0), line
        answers += answer
    return answers


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_works_as_printed(page: str, checkout: Path) -> None:
    runnable = [block for block in blocks(page) if not is_left_out(block)]
    assert runnable
    for block in runnable:
        if block.kind == "sql":
            with duckdb.connect("warehouse.duckdb", read_only=True) as reader:
                reader.sql(block.text).fetchall()
            continue
        answer = {line.rstrip() for line in typed(block).splitlines()}
        printed = [line.rstrip() for line in block.printed if not CHANGING.search(line)]
        assert [line for line in printed if line not in answer] == [], block.name
    assert page != "README.md" or settle("report")[1] == "report: data/reports/settlement-2025-05-30.html\n"


def test_no_reason_is_given_for_a_block_that_is_not_there() -> None:
    names = [block.name for page in PAGES for block in blocks(page)]
    assert [reason for reason in NOT_RUN if not any(name.startswith(reason) for name in names)] == []
    lines = {line for page in PAGES for block in blocks(page) for line in block.commands}
    assert set(EXITS) <= lines


@cache
def helped(*command: str) -> str:
    with redirect_stdout(StringIO()) as text:
        assert run([*command, "--help"]) == 0
    return text.getvalue()


def commands() -> set[tuple[str, ...]]:
    names = {name for name in app if not name.startswith("-")}
    return {(name,) for name in names - {"rulebook"}} | {("rulebook", "check")}


def named(command: str) -> tuple[str, ...]:
    """The name of the command in a line: one word, or two."""
    words = command.split()[1:]
    return tuple(words[:2]) if words[0] == "rulebook" else (words[0],)


def unknown(command: str) -> list[str]:
    """What a command as it is written names, and the program has not."""
    name = named(command)
    if name not in commands():
        return [" ".join(name)]
    options = re.findall(r"--[a-z][a-z-]*", command)
    known = {*re.findall(r"--[a-z][a-z-]*", helped(*name)), *EVERYWHERE}
    return [option for option in options if option not in known]


def listed() -> list[str]:
    """The README's list of commands, each with the options of its further lines."""
    [block] = [
        block for block in blocks("README.md") if block.name == "README.md: settle demo" or "settle demo " in block.name
    ]
    found: list[str] = []
    for line in block.text.splitlines():
        words = line[:REMARKS] if line[REMARKS - 1 : REMARKS].isspace() else line
        if words.startswith("settle "):
            found.append(words)
        else:
            found[-1] += words
    return found


def test_the_list_of_commands_is_that_of_the_program() -> None:
    assert {command: unknown(command) for command in listed() if unknown(command)} == {}
    names = {
        tuple(command.split()[1:3]) if "rulebook" in command.split()[1] else (command.split()[1],)
        for command in listed()
    }
    assert names == commands()


def test_every_command_in_the_text_is_there_with_its_options() -> None:
    found = list(spans())
    assert len(found) > 20
    assert [(page, command) for page, command in found if unknown(command)] == []


def test_make_has_what_the_pages_ask_of_it() -> None:
    targets = re.findall(r"^([\w./]+):", (HERE / "Makefile").read_text(encoding="utf-8"), re.M)
    asked = {
        name for page in PAGES for name in re.findall(r"\bmake (\S*\w)\b", "\n".join(b.text for b in blocks(page)))
    }
    assert {"demo", "test"} <= asked <= set(targets)


def test_what_the_demo_tells_to_try_works(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = WorldSpec(members=60, merchants=5, days=4, transactions_per_day=60, seed=3)
    monkeypatch.setattr("flows.commands.demo.DEMO", small)
    code, answer = settle("--root", "其他 root/data", "--warehouse", "其他 root/ware house.duckdb", "demo")
    assert code == 0
    script = re.search(r"Now look into it:\n(.*?)^Every table", answer, re.S | re.M)
    assert script
    assert "member 17: " in shell(script[1])[1]


def test_what_simulate_tells_to_do_works(checkout: Path) -> None:
    code, answer = settle("simulate", "--out", "一个 world", *("--members", "60", "--merchants", "5", "--days", "3"))
    assert code == 0
    line = answer.partition("settle it: ")[2]
    code, answer = settle(*shlex.split(line)[1:], "--warehouse", "w.duckdb")
    assert (code, answer.splitlines()[0].split(" as ")[0]) == (0, "settled 2025-01-01 to 2025-01-03")
