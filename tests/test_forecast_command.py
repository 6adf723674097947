"""`settle forecast` at the command line: what it begins from, what it answers, what it refuses."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from flows.commands.main import run
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.tables import SOLVENCY
from tests.engine import backfill
from tests.small_lake import DAYS, LAST, REFERENCE
from tests.tiny import FIRST, day, write_tiny


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("forecast")
    _, book = write_tiny(root, DAYS, LAST, rules={"rows = 100": "rows = 1000"}, **REFERENCE)
    assert backfill(root, book, FIRST, day(LAST))
    return root


def draft(root: Path) -> Draft:
    last = RunLog(root / "lake").last()
    assert last is not None
    return Draft(Store(root / "lake"), last.versions, last.run_id)


def forecast(root: Path, *arguments: str) -> int:
    return run(["forecast", "--root", str(root), "--rulebook", str(root / "rulebook.toml"), *arguments])


def test_a_forecast_fans_out_and_names_the_month_below_zero(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert forecast(root, "--months", "12", "--commissions", "1.5", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [path["path"] for path in answer["paths"]] == ["+15 %", "+5 %", "0 %", "stop"]
    assert answer["as_of"] == str(day(LAST))
    assert (answer["assumed"]["rewards"], answer["assumed"]["commissions"]) == ("0.1", "1.5")
    for path in answer["paths"]:
        assert len(path["months"]) == 12
        below = [row["month"] for row in path["months"] if Decimal(row["fund"]) < 0]
        assert path["fund_below_zero"] == (below[0] if below else None)
    assert answer["paths"][0]["fund_below_zero"] is not None
    stop = answer["paths"][3]["months"]
    assert {row["concession"] for row in stop} == {"0.00"}
    ends = draft(root).small(SOLVENCY).row(-1, named=True)
    assert Decimal(answer["now"]["fund"]) == Decimal(ends["fund_fen"]).scaleb(-2)
    assert Decimal(answer["now"]["remaining_ceiling"]) == Decimal(ends["remaining_fen"]).scaleb(-2)


def test_a_forecast_in_words(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert forecast(root, "--growth", "0.15x2,-0.125", "--growth", "stop", "--months", "3") == 0
    text = capsys.readouterr().out
    assert "+15 % x 2, -12.5 %" in text
    assert "not by 2019-06" in text
    assert "settled by other rules" not in text
    assert "less than a period" not in text
    other = tmp_path / "other.toml"
    rules = (root / "rulebook.toml").read_text(encoding="utf-8")
    other.write_text(rules.replace("max_payouts = 40", "max_payouts = 39"), encoding="utf-8")
    assert run(["forecast", "--root", str(root), "--rulebook", str(other), "--months", "1"]) == 0
    assert "settled by other rules" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--months", "0"), "--months 0"),
        (("--growth", "much"), '"much"'),
        (("--growth", "0.1x3"), "every phase but the last one"),
        (("--growth", "0.1,0.2"), "every phase but the last one"),
        (("--growth", "-1.5"), "between -1 and 10"),
        (("--growth", "0.1x0,0"), "1 to 10000 periods"),
        (("--redemption", "1.1"), "from 0 to 1"),
        (("--rewards", "5e-2"), "--rewards"),
    ],
)
def test_a_forecast_that_has_no_meaning(
    arguments: tuple[str, ...], words: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert forecast(root, *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_forecast_from_nothing_or_by_rules_that_do_not_fit(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["forecast", "--root", str(tmp_path / "nowhere")]) == 11
    assert "nothing is settled yet" in capsys.readouterr().err
    renamed = tmp_path / "renamed.toml"
    renamed.write_text(
        (root / "rulebook.toml").read_text(encoding="utf-8").replace('"merchant"\nholder', '"shops"\nholder')
    )
    assert run(["forecast", "--root", str(root), "--rulebook", str(renamed)]) == 10
    assert "do not know: merchant" in capsys.readouterr().err


def test_a_forecast_from_a_single_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, book = write_tiny(tmp_path, {1: DAYS[1]}, 1)
    assert backfill(tmp_path, book, FIRST, FIRST)
    assert run(["forecast", "--root", str(tmp_path), "--rulebook", str(book), "--months", "1"]) == 0
    text = capsys.readouterr().out
    assert "days settled so far: 1, less than a period" in text
