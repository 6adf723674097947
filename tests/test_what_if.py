"""`settle compare` beside two lakes that were settled by the two rulebooks."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.commands.main import run
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.tables import LEDGER, SOLVENCY
from tests.engine import backfill, close
from tests.small_lake import DAYS, LAST, REFERENCE, lake_state
from tests.tiny import FIRST, day, write_tiny

pytestmark = pytest.mark.xdist_group("what if")  # its worlds are made by one worker

MIDDLE = 25
"""From here on the second pair of lakes has other rules: between two events, in the middle of the month."""
OTHER = {
    'first_rate = "0.005"': 'first_rate = "0.009"',
    'concession_max = "0.20"': 'concession_max = "0.15"',
    '[rules.binding]\nrate = "0.05"': '[rules.binding]\nrate = "0.04"',
    'commission = "0.06"': 'commission = "0.07"',
}


@dataclass(frozen=True)
class Pair:
    """A lake as it stands, the other rules, and a lake in which they held from `first` on."""

    standing: Path
    rules: Path
    other: Path
    first: int

    @property
    def span(self) -> tuple[str, ...]:
        return ("--from", str(day(self.first)), "--to", str(day(LAST)))


@pytest.fixture(scope="module", params=[1, MIDDLE])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    root = tmp_path_factory.mktemp("what_if")
    standing, other, first = root / "standing", root / "other", request.param
    _, book = write_tiny(standing, DAYS, LAST, rules={"rows = 100": "rows = 1000"}, **REFERENCE)
    rules, text = root / "other.toml", book.read_text(encoding="utf-8")
    for old, new in OTHER.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    rules.write_text(text, encoding="utf-8")
    shutil.copytree(standing, other)
    assert backfill(standing, book, FIRST, day(LAST))
    if first > 1:
        assert backfill(other, book, FIRST, day(first - 1))
    assert backfill(other, rules, day(first), day(LAST))
    return Pair(standing, rules, other, first)


@cache
def compared(pair: Pair, last: int = LAST) -> dict[str, Any]:
    """The answer for machines."""
    span = ("--from", str(day(pair.first)), "--to", str(day(last)))
    out = StringIO()
    with redirect_stdout(out):
        assert run(["--root", str(pair.standing), "compare", "--rulebook", str(pair.rules), *span, "--json"]) == 0
    answer = json.loads(out.getvalue())
    assert isinstance(answer, dict)
    return answer


def draft(root: Path) -> Draft:
    last = RunLog(root / "lake").last()
    assert last is not None
    return Draft(Store(root / "lake"), last.versions, last.run_id)


def ledger(root: Path, first: int) -> pl.DataFrame:
    return draft(root).between(LEDGER, day(first), day(LAST)).collect()


def moved(pair: Pair, *key: str, money_only: bool = False) -> dict[tuple[Any, ...], Decimal]:
    """Differences of the two lakes' ledgers that are not zero."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for sign, root in ((-1, pair.standing), (1, pair.other)):
        for row in ledger(root, pair.first).iter_rows(named=True):
            if not money_only or row["asset"] in ("cash", "voucher"):
                sums[tuple(str(row[name]) for name in key)] += sign * row["amount_fen"]
    return {names: Decimal(fen).scaleb(-2) for names, fen in sums.items() if fen}


def told(lines: Iterable[dict[str, Any]], *key: str) -> dict[tuple[Any, ...], Decimal]:
    found = {tuple(str(line[name]) for name in key): Decimal(line["difference"]) for line in lines}
    return {names: difference for names, difference in found.items() if difference}


def test_differences_are_those_of_two_lakes(pair: Pair) -> None:
    answer = compared(pair)
    assert answer["identical"] is False
    assert told(answer["kinds"], "kind", "asset") == moved(pair, "kind", "asset")
    assert told(answer["days"], "business_date", "asset") == moved(pair, "business_date", "asset")
    holders = moved(pair, "holder_kind", "holder_id", money_only=True)
    assert told([*answer["gain"], *answer["lose"]], "holder_kind", "holder_id") == holders
    assert answer["holders"] == len(holders)
    assert answer["gain"] and answer["lose"]


def test_cohorts_add_up_to_the_dividends(pair: Pair) -> None:
    cohorts = compared(pair)["cohorts"]
    for side, root in (("before", pair.standing), ("after", pair.other)):
        rows = ledger(root, pair.first).filter(pl.col("kind").is_in(["dividend", "dividend_clawback"]))
        expected = {
            pool: Decimal(fen).scaleb(-2) for pool, fen in rows.group_by("pool").agg(pl.sum("amount_fen")).rows()
        }
        found: dict[str, Decimal] = {}
        for line in cohorts:
            found[line["pool"]] = found.get(line["pool"], Decimal(0)) + Decimal(line[side])
        assert {pool: fen for pool, fen in found.items() if fen} == expected
    assert any(Decimal(line["difference"]) for line in cohorts)


def test_the_fund_moves_as_in_the_other_lake(pair: Pair) -> None:
    answer = compared(pair)
    ends = [draft(root).small(SOLVENCY)["fund_fen"].item(-1) for root in (pair.standing, pair.other)]
    assert Decimal(answer["fund"]["difference"]) == Decimal(ends[1] - ends[0]).scaleb(-2)
    assert answer["quarantined"]["after"] > answer["quarantined"]["before"]


def test_nothing_is_changed(pair: Pair) -> None:
    files = sorted(pair.standing.rglob("*"))
    state = lake_state(pair.standing)
    compared.__wrapped__(pair)
    assert sorted(pair.standing.rglob("*")) == sorted({*files, pair.standing / ".settle.lock"})
    assert lake_state(pair.standing) == state


def test_closed_days_are_compared_too(pair: Pair, tmp_path: Path) -> None:
    shutil.copytree(pair.standing, tmp_path / "closed")
    assert close(tmp_path / "closed", day(LAST - 1))
    closed = Pair(tmp_path / "closed", pair.rules, pair.other, pair.first)
    assert compared(closed) == compared(pair)


def test_a_part_of_the_days(pair: Pair) -> None:
    """Days after the last one asked for play no part."""
    answer = compared(pair, LAST - 1)
    assert {line["business_date"] for line in answer["days"]} <= {str(day(number)) for number in range(1, LAST)}
    assert not any(line["kind"] == "commission" for line in answer["kinds"])


def test_the_text_names_kinds_cohorts_days_and_holders(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "--root", str(pair.standing), "--rulebook", str(pair.rules), *pair.span]) == 0
    text = capsys.readouterr().out
    for words in ("settlement fund: ", "by kind", "by cohort", "days that differ most", "gains most", "loses most"):
        assert words in text


def test_the_same_rules_are_said_to_be_the_same(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    same = ["compare", "--root", str(pair.standing), "--rulebook", str(pair.standing / "rulebook.toml"), *pair.span]
    assert run(same) == 0
    assert "nothing to compare" in capsys.readouterr().out
    assert run([*same, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identical"] is True


def test_rules_of_another_name_only_make_no_difference(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (pair.standing / "rulebook.toml").read_text(encoding="utf-8").replace("初级商务", "商务")
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    assert run(["compare", "--root", str(pair.standing), "--rulebook", str(tmp_path / "other.toml"), *pair.span]) == 0
    assert "the same to the fen" in capsys.readouterr().out


def test_what_cannot_be_compared_is_refused(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: str, root: Path = pair.standing) -> tuple[int, str]:
        code = run(["compare", "--root", str(root), *arguments])
        return code, capsys.readouterr().err

    book = ("--rulebook", str(pair.rules))
    assert refused(*pair.span)[0] == 2
    code, text = refused(*book, "--from", str(day(9)), "--to", str(day(3)))
    assert (code, "is after --to" in text) == (2, True)
    code, text = refused(*book, "--from", str(day(9)), "--to", str(day(LAST + 1)))
    assert (code, f"{day(1)} to {day(LAST)} are" in text) == (11, True)
    code, text = refused(*book, *pair.span, root=tmp_path / "nowhere")
    assert (code, "nothing is settled yet" in text) == (11, True)
    assert not (tmp_path / "nowhere").exists()
    assert refused("--rulebook", str(tmp_path / "none.toml"), *pair.span)[0] == 10
    renamed = tmp_path / "renamed.toml"
    renamed.write_text(pair.rules.read_text(encoding="utf-8").replace('"consumer"', '"retail"'), encoding="utf-8")
    code, text = refused("--rulebook", str(renamed), "--from", str(day(5)), "--to", str(day(LAST)))
    assert (code, "do not know: consumer" in text) == (10, True)
