"""Nights over the turns of months: their small files become one a month and bucket, and no row that is read changes."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from flows.settlement import plan
from flows.settlement.progress import Silence
from flows.verify.recompute import verify
from lake.draft import compaction as merging
from lake.draft.draft import Draft
from lake.runs.audit import audit
from lake.runs.log import RunLog
from lake.tables.files import DataFile, run_of
from lake.tables.store import Store
from schemas.errors import DamagedLakeError
from schemas.rulebook import load_rulebook
from schemas.tables import LEDGER, TABLES, Table
from simulator import WorldSpec, simulate
from tests.engine import NOW, backfill, close, night
from tests.small_lake import lake_state

pytestmark = pytest.mark.xdist_group("merging")  # its worlds are made by one worker

FIRST, LAST = date(2025, 1, 24), date(2025, 3, 4)
QUIET = date(2025, 2, 4), date(2025, 2, 25)
ONE_DAY = timedelta(days=1)
BUCKETS = 2
DATED = [table for table in TABLES.values() if table.dated]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days with refunds, late rows, quarantine and events."""
    root = tmp_path_factory.mktemp("merging") / "world"
    simulate(WorldSpec(60, 6, (LAST - FIRST).days + 1, 12, 9, first_day=FIRST), root)
    return root


@pytest.fixture(scope="module")
def settled(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All days: night by night around the turns of the months, and a file a day between them, in one run."""
    root, (early, late) = tmp_path_factory.mktemp("nights") / "root", QUIET
    shutil.copytree(world, root)
    nights(root, FIRST, early - ONE_DAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "BLOCK_BYTES", 1)
        days = [early + n * ONE_DAY for n in range((late - early).days + 1)]
        assert backfill(root, root / "rulebook.toml", early, late, accept=days) is not None
    nights(root, late + ONE_DAY, LAST)
    return root


@pytest.fixture
def root(settled: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy to change."""
    shutil.copytree(settled, tmp_path / "root")
    yield tmp_path / "root"


def nights(root: Path, first: date, last: date) -> None:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        assert night(root, root / "rulebook.toml", day, accept=[day], buckets=BUCKETS) is not None


def draft(root: Path) -> Draft:
    last = RunLog(root / "lake").last()
    assert last is not None
    return Draft(Store(root / "lake"), last.versions, "reader")


def named(root: Path, table: Table) -> list[DataFile]:
    return draft(root).files(table)


def corrected(root: Path, first: date, *, restate: bool = False) -> None:
    """Settle `first` and what follows again, after its last row was taken back."""
    folder = root / "landing" / "transactions" / f"day={first}"
    (folder / "control.json").unlink(missing_ok=True)
    file = sorted(folder.glob("*.csv"))[0]
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    days = [first + timedelta(days=n) for n in range((LAST - first).days + 1)]
    assert backfill(root, root / "rulebook.toml", first, first, accept=days, restate=restate) is not None


def settled_at_once(world: Path, root: Path) -> Path:
    shutil.copytree(world, root)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert backfill(root, root / "rulebook.toml", FIRST, LAST, accept=days, buckets=BUCKETS) is not None
    return root


def same_rows(one: Path, other: Path) -> None:
    states = [lake_state(side) for side in (one, other)]
    for state in states:
        state.pop("controls"), state.pop("balances")  # of the runs, and sums in as many rows as there were runs
    assert states[0] == states[1]


def test_a_past_month_is_one_file_a_bucket(settled: Path) -> None:
    for table in DATED:
        counts = Counter((f.partition.get("bucket"), f.days[0][:7]) for f in named(settled, table))
        past = {place: count for place, count in counts.items() if place[1] < "2025-03"}
        assert set(past.values()) <= {1}, table.name
    assert {f.span for f in named(settled, LEDGER) if f.days[0] < "2025-02"} == {(FIRST, date(2025, 1, 31))}


def test_merged_or_not_the_rows_are_the_same(world: Path, settled: Path, tmp_path: Path) -> None:
    same_rows(settled, settled_at_once(world, tmp_path / "root"))


def test_merged_months_are_audited_and_verified(settled: Path) -> None:
    assert audit(settled / "lake").faults == []
    rulebook = load_rulebook(settled / "rulebook.toml")
    assert verify(settled, rulebook, lambda: NOW, Silence()).verified


def test_other_readers_of_the_table_choose_files_by_their_days(settled: Path) -> None:
    last = RunLog(settled / "lake").last()
    assert last is not None
    table = DeltaTable(settled / "lake" / LEDGER.name, version=last.versions[LEDGER.name])
    fragments = list(table.to_pyarrow_dataset().get_fragments(filter=_three_days()))
    spans = [f.span for f in named(settled, LEDGER)]
    assert len(fragments) == sum(
        first <= date(2025, 2, 12) and last >= date(2025, 2, 10) for first, last in filter(None, spans)
    )
    assert 0 < len(fragments) < len(spans)


def _three_days() -> object:
    import pyarrow.compute as pc  # noqa: PLC0415

    day = pc.field("business_date")
    return (day >= date(2025, 2, 10)) & (day <= date(2025, 2, 12))


@pytest.mark.parametrize("first", [date(2025, 1, 29), date(2025, 2, 28)])
def test_a_backfill_from_the_middle_of_a_merged_month(world: Path, root: Path, tmp_path: Path, first: date) -> None:
    """Days before it stay, days from it on are as one backfill of the corrected feeds has them."""
    corrected(root, first)
    assert audit(root / "lake").faults == []
    feeds = tmp_path / "feeds"
    shutil.copytree(root / "landing", feeds / "landing")
    shutil.copy(root / "rulebook.toml", feeds)
    same_rows(root, settled_at_once(feeds, tmp_path / "whole"))


def test_closed_days_stand_in_a_merged_month(root: Path) -> None:
    """The month was closed in its middle: what was posted up to then stays, whichever file it is in."""
    through = date(2025, 2, 10)
    assert close(root, through) is not None
    before = draft(root).between(LEDGER, FIRST, through).collect().sort(LEDGER.key)
    corrected(root, date(2025, 2, 5), restate=True)
    assert draft(root).between(LEDGER, FIRST, through).collect().sort(LEDGER.key).equals(before)
    assert verify(root, load_rulebook(root / "rulebook.toml"), lambda: NOW, Silence()).verified


def test_a_run_merges_so_much_and_leaves_the_rest_to_the_next(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one row, each night of February merges one bucket's month of one table."""
    root, eve = tmp_path / "root", date(2025, 1, 31)
    shutil.copytree(world, root)
    nights(root, FIRST, eve)
    monkeypatch.setattr(merging, "ROWS_A_RUN", 1)
    monkeypatch.setattr(merging, "_rows_of_run", lambda draft: 0)
    due = sum(1 for table in DATED for _ in merging.mergeable(named(root, table), date(2025, 2, 1)))
    assert due > BUCKETS
    for number in range(1, due + 2):
        nights(root, eve + timedelta(days=number), eve + timedelta(days=number))
        merged = sum(len(f.days) > 1 for table in DATED for f in named(root, table))
        assert merged == min(number, due)


def test_a_file_with_fewer_rows_than_its_table_says_is_not_merged(root: Path) -> None:
    """One that is cut would be refused before; of this one the size is right."""
    reader = draft(root)
    files = [f for f in reader.files(LEDGER) if f.days[0] >= "2025-03" and f.partition["bucket"] == "0"]
    wrong = [DataFile(f.path, f.size, f.rows + 1) for f in files]
    reader.keep_files(LEDGER, wrong)
    with pytest.raises(DamagedLakeError, match=f"{sum(f.rows for f in files)} rows"):
        merging.merge_past_months(reader, date(2025, 4, 1))


def test_no_file_of_a_run_is_left_that_no_version_names(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written a day at a time, and merged by the very same run."""
    monkeypatch.setattr(plan, "BLOCK_BYTES", 1)
    root = settled_at_once(world, tmp_path / "root")
    found = {path for path in (root / "lake").glob("*/**/*.parquet") if run_of(path.name)}
    assert found == {root / "lake" / table.name / f.path for table in TABLES.values() for f in named(root, table)}
    assert next(f.span for f in named(root, LEDGER)) == (FIRST, date(2025, 1, 31))
