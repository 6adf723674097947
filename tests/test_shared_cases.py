"""Small inputs that once failed, each standing for its kind: a refusal says where, and leaves every byte as it was."""

import shutil
from pathlib import Path

import duckdb
import pytest

from flows.commands.main import run
from tests.damage import same_state

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "cases"
DAY = "2025-01-31"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")


def settled(case: str, tmp_path: Path) -> tuple[int, list[str]]:
    """The night over a case: its exit code, and the arguments that name its places."""
    root = tmp_path / "root"
    shutil.copytree(CASES / case / "landing", root / "landing")
    places = ["--root", str(root), "--warehouse", str(tmp_path / "w.duckdb")]
    return run([*places, "nightly", "--direct", "--date", DAY]), places


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("1", ["a.csv", "line", "quote"]),
        ("1b", ["a.csv", "line 2", "quote"]),
        ("3", ["b.CSV", "c.csv.gz", "p.CSV", "Promoters.csv"]),
        ("6", ["a.csv", "line", "quote"]),
        ("8", ["a.csv", "line 3", "amount"]),
        ("9", ["malformed: 120 rows", "occurred_at", "quarantine-2025-01-31.csv"]),
        ("11", ["bad_amount: 101 rows", "quarantine-2025-01-31.csv"]),
        ("16", ["a.csv", "line 3", "合计"]),
    ],
)
def test_a_refused_case_is_told_and_changes_nothing(
    case: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CASES / case / "landing", tmp_path / "root" / "landing")
    places = ["--root", str(tmp_path / "root"), "--warehouse", str(tmp_path / "root" / "w.duckdb")]
    with same_state(tmp_path / "root"):
        assert run([*places, "nightly", "--direct", "--date", DAY]) == 12
    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == [], told
    assert "Traceback" not in told


def test_a_trailer_is_told_as_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settled("16", tmp_path)[0] == 12
    assert "if it is a trailer (a sum, a count), have the files delivered without one" in capsys.readouterr().err


def test_a_row_with_too_many_cells_has_no_amount(tmp_path: Path) -> None:
    assert settled("10", tmp_path)[0] == 0
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute("select reason, faulty_column, amount, raw from quarantine").fetchall()
    assert [row[:3] for row in rows] == [("malformed", None, None)]
    assert "234.50" in rows[0][3]


@pytest.mark.parametrize("damage", ["update", "insert", "delete"])
def test_what_somebody_wrote_into_the_warehouse_is_told_and_goes(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    shutil.copytree(CASES / "5" / "landing", root / "landing")
    places = ["--root", str(root), "--warehouse", str(tmp_path / "w.duckdb")]
    assert run([*places, "nightly", "--direct", "--date", "2025-01-30"]) == 0
    statement = {
        "update": "update ledger set amount = amount + 1000 where kind = 'sales_proceeds'",
        "insert": "insert into ledger select * from ledger limit 1",
        "delete": "delete from ledger",
    }[damage]
    with duckdb.connect(str(tmp_path / "w.duckdb")) as warehouse:
        sums = "select sum(amount) from ledger"
        before = warehouse.execute(sums).fetchone()
        warehouse.execute(statement)
    capsys.readouterr()
    assert run([*places, "verify"]) == 13
    assert "w.duckdb" in capsys.readouterr().err
    assert run([*places, "nightly", "--direct", "--date", DAY]) == 0
    assert run([*places, "verify"]) == 0
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as warehouse:
        day_before = f"{sums} where business_date <= date '2025-01-30'"
        assert warehouse.execute(day_before).fetchone() == before


def test_hostile_ids_are_shown_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, places = settled("13", tmp_path)
    assert code == 0
    for command in (["explain", "member", "1"], ["explain", "merchant", "1", "--date", DAY]):
        capsys.readouterr()
        assert run([*places, *command]) == 0
        told = capsys.readouterr().out
        assert "\\x1b" in told
        assert not [line for line in told.splitlines() if not line.isprintable()], told
    assert run([*places, "explain", "member", "9223372036854775808"]) == 2
