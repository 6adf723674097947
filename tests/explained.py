"""Explanations as the tests ask for them: every amount of every holder of a settled root."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from flows.commands.main import run
from flows.explain.answer import Answer, answer, as_json
from flows.explain.rows import Books
from flows.explain.text.page import told
from lake.runs.log import RunLog
from schemas.tables import LEDGER
from tests.engine import backfill, published
from tests.worlds import make_world

WORLD = make_world(252, mess=5)
"""Refunds, retired cohorts, promoters, agents, partners: every kind of the ledger occurs in it."""
KEY = ("business_date", "value_date", "asset", "kind", "pool", "origin")


def settled_world(root: Path) -> Path:
    """The root of WORLD, all but its last two days settled, in three buckets, and published."""
    _, rulebook = WORLD.write(root)
    backfill(root, rulebook, WORLD.first, WORLD.last - timedelta(days=2), buckets=3)
    published(root)
    return root


def settle(root: Path, *arguments: str) -> int:
    """`settle` in this process; its exit code."""
    places = ("--root", str(root), "--warehouse", str(root / "w.duckdb"), "--rulebook", str(root / "rulebook.toml"))
    return run([*places, *arguments])


def ledger(root: Path) -> pl.DataFrame:
    found = books(root, "member", 1).draft.scan(LEDGER).collect()
    assert not found.is_empty()
    return found


def books(root: Path, kind: str, holder: int) -> Books:
    runs = RunLog(root / "lake").runs()
    return Books(root, runs, kind, holder, root / "rulebook.toml")


def holders(rows: pl.DataFrame) -> Iterator[tuple[str, int]]:
    return rows.select("holder_kind", "holder_id").unique().sort("holder_kind", "holder_id").iter_rows()  # type: ignore[return-value]


def explained(root: Path) -> list[Answer]:
    """Every amount of every holder; each is in the ledger, and nothing of the ledger is left out."""
    rows = ledger(root)
    answers = [answer(books(root, *holder), None) for holder in holders(rows)]
    found = {(o.amount.holder_kind, o.amount.holder_id, *key(o)): o.amount.amount_fen for o in every(answers)}
    booked = {tuple(row[:-1]): row[-1] for row in rows.select("holder_kind", "holder_id", *KEY, "amount_fen").rows()}
    assert {name: fen for name, fen in found.items() if fen} == booked
    return answers


def every(answers: list[Answer]) -> Iterator[Any]:
    return (one for given in answers for one in given.explanations)


def key(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one.amount, name) for name in KEY)


def assert_told(given: Answer) -> None:
    """Text and JSON say it of each amount, and the JSON's own figures add up."""
    text = "\n".join(told(given))
    assert text.count("\n  adds up: ") == len(given.explanations)
    assert "DOES NOT" not in text
    for amount in json.loads(json.dumps(as_json(given), default=str))["amounts"]:
        parts = sum((Decimal(part["amount"]) for part in amount["parts"]), Decimal(0))
        assert parts == Decimal(amount["due"]) == Decimal(amount["sum"]), amount
        assert amount["adds_up"]
        assert amount["booked_by"] is not None or Decimal(amount["amount"]) == 0
