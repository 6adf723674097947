"""`settle statement`: opening, bookings, running balance, closing; what finance sees in the warehouse, to the fen."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.commands.main import run
from tests.small_lake import Case, command
from tests.tiny import day


def told(warehouse: Path, capsys: pytest.CaptureFixture[str], *line: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["--warehouse", str(warehouse), "--json", "statement", *line]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_holders_statement_closes_with_the_balance(
    demo_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(demo_warehouse), read_only=True) as reader:
        some = "select distinct on (holder_kind) holder_kind, holder_id from balances order by holder_kind, holder_id"
        holders = reader.sql(some).fetchall()
        assert {kind for kind, _ in holders} == {"member", "merchant", "promoter", "agent", "partner"}
        for kind, id_ in holders:
            query = "select asset, balance from balances where holder_kind = ? and holder_id = ?"
            balances = dict(reader.execute(query, [kind, id_]).fetchall())
            accounts = told(demo_warehouse, capsys, kind, str(id_))["accounts"]
            assert {each["asset"]: Decimal(each["closing"]) for each in accounts} == balances
            for each in accounts:
                running = Decimal(each["opening"])
                for entry in each["entries"]:
                    running += Decimal(entry["amount"])
                    assert Decimal(entry["balance"]) == running
                assert running == Decimal(each["closing"])


def test_a_part_opens_with_what_was_before_and_leaves_nothing_out(
    demo_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = told(demo_warehouse, capsys, "member", "17")["accounts"]
    early = told(demo_warehouse, capsys, "member", "17", "--to", "2025-03-31")["accounts"]
    late = told(demo_warehouse, capsys, "member", "17", "--from", "2025-04-01")["accounts"]
    for account, begin, end in zip(whole, early, late, strict=True):
        assert begin["opening"] == "0.00"
        assert begin["closing"] == end["opening"]
        assert end["closing"] == account["closing"]
        assert begin["entries"] + end["entries"] == account["entries"]
    assert any(each["entries"] for each in early)
    assert any(each["entries"] for each in late)


def test_it_is_told_as_a_bank_tells_it(cases: dict[str, Case], night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(night, *cases["night"].command) == 0
    capsys.readouterr()
    assert command(night, "statement", "member", "1", "--from", str(day(30))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"member 1: from {day(30)} to {day(31)}"
    assert sum("opening balance" in line for line in lines) == sum("closing balance" in line for line in lines) == 3
    assert any("dividend 分红 of pool consumer" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (("member", "0"), 2, "0 is no id"),
        (("member", str(2**63)), 2, "is no id"),
        (("member", "1.5"), 2, "no whole number"),
        (("shop", "1"), 2, "HOLDER_KIND"),
        (("member", "1", "--from", "2025-02-01", "--to", "2025-01-31"), 2, "--from 2025-02-01 is after"),
    ],
)
def test_bad_questions(
    line: tuple[str, ...], code: int, words: str, demo_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--warehouse", str(demo_warehouse), "statement", *line]) == code
    assert words in capsys.readouterr().err


def test_a_holder_without_bookings_and_a_warehouse_that_is_not_there(
    demo_warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--warehouse", str(demo_warehouse), "statement", "agent", "999999999"]) == 0
    assert capsys.readouterr().out == "agent 999999999: no bookings\n"
    assert run(["--warehouse", str(tmp_path / "none.duckdb"), "statement", "member", "1"]) == 11
