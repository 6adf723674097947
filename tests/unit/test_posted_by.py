"""Which run has posted a row: told by the run log, whatever file the row lies in by now."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.explain import ledger_rows as postings
from flows.explain.ledger_rows import Postings
from lake.runs.run import CLOSE, Run
from schemas.errors import DamagedLakeError
from schemas.tables import CORRECTIONS, LEDGER, Table

MOMENT = datetime(2025, 4, 1, tzinfo=UTC)


def day(number: int) -> date:
    return date(2025, 3, number)


def run(number: int, kind: str, first: int, last: int, closed: int | None = None) -> Run:
    return Run(
        run_no=number,
        run_id=f"run {number}",
        kind=kind,
        first_date=day(first),
        last_date=day(last),
        last_settled=day(5),
        closed_through=day(closed) if closed else None,
        started_at=MOMENT,
        finished_at=MOMENT + timedelta(minutes=1),
        rulebook_fingerprint="",
        input_fingerprint="",
        rows_in=0,
        rows_booked=0,
        rows_quarantined=0,
        status="done",
        buckets=1,
        versions={},
    )


RUNS = [
    run(1, "backfill", 1, 2),
    run(2, "nightly", 3, 3),
    run(3, "backfill", 2, 3),
    run(4, "nightly", 4, 5),
    run(5, CLOSE, 3, 3, closed=3),
    run(6, "backfill", 2, 5, closed=3),
    run(7, CLOSE, 4, 4, closed=4),
]


@pytest.mark.parametrize(
    ("number", "ledger", "corrections"),
    [(1, "run 1", "run 1"), (2, "run 3", "run 6"), (3, "run 3", "run 6"), (4, "run 6", "run 6"), (5, "run 6", "run 6")],
)
def test_the_last_run_that_settled_a_day_while_it_was_open(
    number: int, ledger: str, corrections: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Postings(Path("nowhere"), RUNS, "member", 1)
    found = {}
    for table in (LEDGER, CORRECTIONS):
        monkeypatch.setattr(postings.Postings, "scan", _one_row_on(day(number), table))
        found[table.name] = books.ledger(table)["run_id"].to_list()
    assert found == {"ledger": [ledger], "corrections": [corrections]}


def test_a_row_that_no_run_has_posted_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings.Postings, "scan", _one_row_on(day(9), LEDGER))
    with pytest.raises(DamagedLakeError, match="member 1 has rows of 2025-03-09, which no run has posted"):
        Postings(Path("nowhere"), RUNS, "member", 1).ledger()


def _one_row_on(when: date, table: Table) -> object:
    rows = pl.DataFrame(
        [(when, 0, when, "member", 1, "points", "earned", "member", "settlement", 1)], schema=table.schema, orient="row"
    )
    return lambda *_, **__: rows.lazy()


def test_before_a_later_run_its_days_were_posted_by_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings.Postings, "scan", _one_row_on(day(4), LEDGER))
    then = Postings(Path("nowhere"), RUNS[:5], "member", 1)
    assert then.ledger()["run_id"].to_list() == ["run 4"]
