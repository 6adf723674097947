"""`settle explain` at a terminal (SPEC 12): the worked example, bad questions, and that it starts fast."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows.commands.main import run
from tests.engine import backfill
from tests.explained import settle
from tests.tiny import day, purchase, refund, write_tiny

pytestmark = pytest.mark.xdist_group("explain command")  # its worlds are made by one worker


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SPEC 6's member: 200.00 points at 0.5 %, then 1.075 %; half of them refunded afterwards."""
    root = tmp_path_factory.mktemp("example")
    days = {
        1: [purchase("a1", 1, "1999.96"), purchase("a2", 1, "0.04")],
        2: [purchase("b1", 2, "300.00", 2)],
        3: [refund("r1", 3, "1000.00", "a1", 1)],
    }
    write_tiny(root, days, 3, bindings=["1,2,2018-02-01T00:00:00+08:00"])
    backfill(root, root / "rulebook.toml", day(1), day(3))
    return root


def test_the_worked_example_can_be_read_aloud(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(example, "explain", "member", "1", "--date", str(day(3))) == 0
    text = capsys.readouterr().out
    assert f"{day(2)}, counts from {day(3)}: +1.15 vouchers 抵用券: dividend 分红 of pool consumer" in text
    assert "payout 2 of at most 40 on 200.00 points; all payouts so far 1.075 % = 2.15, before 0.5 % = 1.00" in text
    assert "adds up: 1.15 = 1.15" in text
    assert "100.00 of 200.00 points are left" in text
    assert (
        "all payouts so far, 1.075 %, are 1.075, cut to 1.07, on what is left; on 200.00 they were 2.15: -1.08" in text
    )
    assert (
        "refund r1 of 2019-03-03 12:00:00 +08:00 at merchant 1: 1,000.00 of purchase a1 of 2019-03-01 over 1,999.96"
        in text
    )


def test_points_are_explained_with_the_exact_product_and_its_rounding(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(example, "explain", "member", "1", "--date", str(day(1))) == 0
    text = capsys.readouterr().out
    assert "1,999.96 x 10 % = 199.996, rounded to 200.00 points: +200.00" in text
    assert "0.04 x 10 % = 0.004, rounded to 0.00" not in text, "what earns nothing is no part"
    assert "5 coins for each yuan of that = 1,000.00: +1,000.00" in text


def test_json_has_the_cohort_and_the_rule(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = example / "rulebook.toml"
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace("[rules.dividend]", '[rules.dividend]\nsource = "the board, 2018"'), encoding="utf-8")
    assert settle(example, "--json", "explain", "member", "1", "--date", str(day(2))) == 0
    book.write_text(text, encoding="utf-8")
    amounts = {(a["kind"], a["value_date"]): a for a in json.loads(capsys.readouterr().out)["amounts"]}
    dividend = amounts["dividend", str(day(3))]
    [part] = dividend["parts"]
    assert (part["points"], part["rate_before"], part["rate_after"]) == ("200.00", "0.005", "0.01075")
    assert (part["entitled_before"], part["entitled_after"], part["amount"]) == ("1.00", "2.15", "1.15")
    assert [rule["source"] for rule in dividend["rules"] if rule["table"] == "dividend"] == ["the board, 2018"]
    assert (dividend["trigger"], dividend["baseline"], dividend["value"]) == ("growth", "200.00", "230.00")
    assert dividend["booked_by"]["kind"] == "backfill"


def test_other_rules_do_not_explain_it_and_that_is_13(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = example / "other.toml"
    text = (example / "rulebook.toml").read_text(encoding="utf-8")
    other.write_text(text.replace('[rules.binding]\nrate = "0.05"', '[rules.binding]\nrate = "0.06"'), encoding="utf-8")
    places = ("--root", str(example), "--rulebook", str(other))
    assert run([*places, "explain", "merchant", "2", "--date", str(day(1))]) == 13
    said = capsys.readouterr()
    assert "DOES NOT ADD UP: the parts are 12.00, the ledger has 10.00" in said.out
    assert "another edition of the rulebook" in said.out
    assert "binding_reward" in said.err
    assert run([*places, "--json", "explain", "merchant", "2"]) == 13
    assert not json.loads(capsys.readouterr().out)["adds_up"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("shop", "1"), 2, "HOLDER_KIND"),
        (("member", "0"), 2, "from 1 on"),
        (("member", "one"), 2, "whole number"),
        (("member", "1", "--date", "soon"), 2, "--date"),
        (("member", "77"), 11, "nobody knows member 77"),
        (("partner", "1"), 11, "nobody knows partner 1"),
    ],
)
def test_bad_questions(
    example: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert settle(example, "explain", *arguments) == code
    assert words in capsys.readouterr().err


def test_no_amounts_are_no_fault(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(example, "explain", "member", "3") == 0
    assert capsys.readouterr().out.strip() == "member 3: no amounts"
    assert settle(example, "explain", "member", "1", "--date", "2030-01-01") == 0
    assert capsys.readouterr().out.strip() == f"member 1: no amounts on 2030-01-01; settled up to {day(3)}"


def test_nothing_settled_is_11(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(tmp_path, "explain", "member", "1") == 11
    assert "nothing is settled yet" in capsys.readouterr().err


def test_it_starts_neither_prefect_nor_duckdb_nor_pandera(example: Path) -> None:
    code = (
        "import sys; from flows.commands.main import run; code = run(sys.argv[1:]);"
        "heavy = {'prefect', 'duckdb', 'pandera', 'pandas', 'numpy', 'pyarrow', 'altair', 'flows.settlement.run'};"
        "sys.exit(code or heavy & set(sys.modules) or 0)"
    )
    line = ["--root", str(example), "--rulebook", str(example / "rulebook.toml"), "explain", "member", "1"]
    done = subprocess.run([sys.executable, "-c", code, *line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "member 1: " in done.stdout
