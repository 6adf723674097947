"""What only the operator may allow, through the command line: too many bad rows, a change of closed days (SPEC 3, 14).

Each is refused with 12 and changes nothing until it is allowed, directly and as a Prefect flow run alike.
"""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.small_lake import command, lake_state, warehouse
from tests.test_processes import settle
from tests.tiny import HEADER, day, purchase, write_tiny

RANGE = ("backfill", "--from", str(day(1)), "--to", str(day(1)))
ACCEPT = ("--accept-quarantine", str(day(1)))
TODO = f"--accept-quarantine {day(1)}"
CLOSED = f"of closed days ({day(1)}) it would restate:"


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    """Three settled days, the first of them closed; then it gets one more purchase, and a row that cannot be read."""
    days = {number: [purchase(f"a{number}", number, "1000.00")] for number in (1, 2, 3)}
    write_tiny(tmp_path, days, 3, rules={"quarantine_min_rows = 100": "quarantine_min_rows = 0"})
    assert command(tmp_path, "nightly", "--date", str(day(3))) == 0
    assert command(tmp_path, "close", "--through", str(day(1))) == 0
    rows = [HEADER, purchase("found", 1, "500.00", 2, merchant=2), purchase("bad", 1, "12.345")]
    feed = tmp_path / "landing" / "transactions" / f"day={day(1)}" / "b.csv"
    feed.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def assert_restated(root: Path) -> None:
    """The purchase is a transaction of its closed day, and what its member earned is booked on the last settled day."""
    with duckdb.connect(str(warehouse(root)), read_only=True) as reader:
        booked = reader.sql("select business_date from transactions where txn_id = 'found'").fetchall()
        earned = reader.sql(
            "select business_date, amount from ledger where origin = 'restatement' "
            "and kind = 'points_earned' and holder_kind = 'member' and asset = 'points' and holder_id = 2"
        ).fetchall()
    assert booked == [(day(1),)]
    assert earned == [(day(3), Decimal("100.00"))]


def test_what_is_not_allowed_is_refused_and_changes_nothing(
    corrected: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lake_state(corrected)
    for allowed in ((), ("--restate",)):
        assert command(corrected, *RANGE, *allowed) == 12
        assert TODO in capsys.readouterr().err
    assert command(corrected, *RANGE, *ACCEPT) == 12
    told = capsys.readouterr()
    assert CLOSED in told.out
    assert "--restate" in told.err
    assert lake_state(corrected) == before
    assert command(corrected, *RANGE, *ACCEPT, "--restate") == 0
    assert_restated(corrected)


def test_it_is_allowed_under_prefect_as_well(corrected: Path) -> None:
    done = settle(corrected, *RANGE, *ACCEPT, "--restate")
    assert done.returncode == 0, done.stderr
    assert_restated(corrected)


def test_progress_is_told_on_stderr_and_never_with_json(corrected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert command(corrected, *RANGE, *ACCEPT, "--dry-run") == 0
    assert f"dry run {day(1)} to {day(1)}: " in capsys.readouterr().err
    assert command(corrected, *RANGE, *ACCEPT, "--restate", "--json") == 0
    assert capsys.readouterr().err == ""
    assert command(corrected, "nightly", "--date", str(day(3))) == 0
    assert capsys.readouterr().err == "", "nothing was to be done"
