"""What a night touches, counted, not timed: an ordinary night costs the same after twenty days and after sixty.

Counted: files that Polars is told to scan or read, Delta tables that are opened, files and bytes that are
new in the lake, and the stages. A lake of sixty days may differ from one of twenty only where it says so here.
"""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import deltalake
import polars as pl
import pytest

from flows.settlement import plan
from flows.settlement.begin import Request
from flows.settlement.books.balances import FILES_OF_CHANGES
from flows.settlement.plan import backfill_span, nightly_span
from flows.settlement.run import settle
from lake.runs.log import RunLog
from lake.tables.files import DataFile
from lake.tables.store import Store
from schemas.rulebook import load_rulebook
from schemas.tables import TABLES
from simulator import WorldSpec, simulate
from tests.engine import NOW

pytestmark = pytest.mark.xdist_group("costs")  # its worlds are made by one worker

T = TypeVar("T")
FIRST = date(2025, 1, 2)
SHORT, LONG = 20, 60
BUCKETS = 2
NIGHT = FIRST + timedelta(days=LONG)
SMALL = {name for name, table in TABLES.items() if table.is_small}
LARGE = set(TABLES) - SMALL
DATED = {name for name, table in TABLES.items() if table.dated}


@dataclass
class Cost:
    """`scanned`, `read`: paths below the lake that Polars was told of; `opened`: Delta tables; `written`: new files;
    `named`: how many files each dated table has then."""

    stages: list[str] = field(default_factory=list)
    scanned: list[str] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)
    written: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)

    def scans(self, table: str) -> list[str]:
        """Files of a table that were scanned, those of the run itself left out."""
        return sorted(path for path in self.scanned if path.startswith(f"{table}/") and path not in self.written)

    def writes(self, tables: set[str]) -> dict[str, int]:
        """Bytes by table."""
        sums = Counter[str]()
        for path, size in self.written.items():
            sums[path.split("/")[0]] += size
        return {table: sums[table] for table in sorted(tables) if sums[table]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty-one days without late rows or refunds; both pools pay on the first day of a lake and each 13 days later."""
    root = tmp_path_factory.mktemp("costs") / "world"
    shares = {"late_share": 0.0, "refund_share": 0.0, "bad_share": 0.0, "coin_share": 0.0}
    simulate(WorldSpec(200, 10, LONG + 1, 40, 5, first_day=FIRST, **shares), root)
    book = root / "rulebook.toml"
    text = re.sub(r'launch = "[0-9]+"', 'launch = "0.01"', book.read_text(encoding="utf-8"))
    book.write_text(re.sub(r"(earliest|deadline)_day = [0-9]+", r"\1_day = 13", text), encoding="utf-8")
    return root


def _lake(world: Path, root: Path, days: int) -> Path:
    """A root whose lake has settled `days` days up to the night, a file a day as nights write them."""
    shutil.copytree(world / "landing" / "reference", root / "landing" / "reference")
    wanted = [NIGHT - timedelta(days=back) for back in range(days, -1, -1)]
    for day in wanted:
        folder = f"transactions/day={day}"
        shutil.copytree(world / "landing" / folder, root / "landing" / folder)
    shutil.copy(world / "rulebook.toml", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "BLOCK_BYTES", 1)
        _settle(root, lambda landing, base: backfill_span(wanted[0], NIGHT - timedelta(days=1), landing, base))
    return root


def _settle(root: Path, span: Callable[..., Any], stages: Callable[..., Any] | None = None) -> None:
    more = {"stages": stages} if stages else {}
    rulebook = load_rulebook(root / "rulebook.toml")
    settle(Request(root, rulebook, "nightly", span, lambda: NOW, NOW, buckets=BUCKETS, **more))


def _night(root: Path, day: date = NIGHT) -> Cost:
    """Settle one night and count."""
    cost, before = Cost(), _files(root)

    def stage(name: str, work: Callable[[], T]) -> T:
        cost.stages.append(name)
        return work()

    with _counted(cost, root / "lake"):
        _settle(root, lambda landing, base: nightly_span(day, landing, base), stage)
    cost.written = {path: size for path, size in _files(root).items() if path not in before}
    cost.named = {table: len(_stored(root, table)) for table in sorted(DATED)}
    return cost


def _stored(root: Path, table: str) -> list[DataFile]:
    last = RunLog(root / "lake").last()
    assert last is not None
    return Store(root / "lake").files(TABLES[table], last.versions[table])


def _files(root: Path) -> dict[str, int]:
    lake = root / "lake"
    paths = [path for path in lake.rglob("*.parquet") if "_delta_log" not in path.parts]
    return {path.relative_to(lake).as_posix(): path.stat().st_size for path in paths}


@contextmanager
def _counted(cost: Cost, lake: Path) -> Iterator[None]:
    def listening(real: Callable[..., Any]) -> Callable[..., Any]:
        def scan(source: Any, *args: Any, **options: Any) -> Any:
            paths = source if isinstance(source, list) else [source]
            cost.scanned += [Path(str(path)).relative_to(lake).as_posix() for path in paths]
            return real(source, *args, **options)

        return scan

    real_open = deltalake.DeltaTable.__init__

    def opened(self: Any, table: Any, *args: Any, **options: Any) -> None:
        cost.opened[Path(str(table)).name] += 1
        real_open(self, table, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pl, "scan_parquet", listening(pl.scan_parquet))
        patch.setattr(pl, "read_parquet", listening(pl.read_parquet))
        patch.setattr(deltalake.DeltaTable, "__init__", opened)
        yield


@pytest.fixture(scope="module")
def costs(world: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Cost]:
    """The same ordinary night on the short and on the long lake."""
    folder = tmp_path_factory.mktemp("lakes")
    return {days: _night(_lake(world, folder / str(days), days)) for days in (SHORT, LONG)}


def test_the_same_stages(costs: dict[int, Cost]) -> None:
    assert costs[SHORT].stages == costs[LONG].stages
    assert len(costs[LONG].stages) <= 10


def test_no_file_of_history_is_scanned(costs: dict[int, Cost]) -> None:
    """Balances are merged now and then."""
    for cost in costs.values():
        assert {table for table in LARGE if cost.scans(table)} <= {"balances"}
        assert len(cost.scans("balances")) <= (FILES_OF_CHANGES + 1) * BUCKETS


def test_small_tables_are_one_file_each(costs: dict[int, Cost]) -> None:
    for cost in costs.values():
        counts = {table: len(set(cost.scans(table))) for table in SMALL}
        assert max(counts.values()) == 1


def test_a_day_writes_what_the_day_has(costs: dict[int, Cost]) -> None:
    """Small tables are written whole, balances merged now and then; of the others, the same bytes on both lakes."""
    of_the_day = LARGE - {"balances"}
    assert costs[SHORT].writes(of_the_day) == costs[LONG].writes(of_the_day)
    assert set(costs[LONG].writes(of_the_day)) >= {"transactions", "ledger"}
    counts = [sum(not path.startswith("balances/") for path in costs[days].written) for days in (SHORT, LONG)]
    assert counts[0] == counts[1]


def test_files_grow_with_months_and_not_with_days(costs: dict[int, Cost]) -> None:
    """The long lake has January and a piece of February more, which is in the same file as the rest of it."""
    for table in DATED:
        more = costs[LONG].named[table] - costs[SHORT].named[table]
        assert more <= (BUCKETS if TABLES[table].partition else 1)
    assert costs[LONG].named["ledger"] > costs[SHORT].named["ledger"]


def test_small_tables_grow_by_little_a_day(costs: dict[int, Cost]) -> None:
    short, long = (sum(costs[days].writes(SMALL).values()) for days in (SHORT, LONG))
    assert long - short <= BYTES_A_DAY * (LONG - SHORT)


BYTES_A_DAY = 400
"""What a day of history may add to all the small tables that every night rewrites."""


def test_delta_tables_are_opened_a_fixed_number_of_times(costs: dict[int, Cost]) -> None:
    assert costs[SHORT].opened == costs[LONG].opened
    assert costs[LONG].opened.total() <= OPENED


OPENED = 20
"""Each opening replays the table's log since its last checkpoint. Make it smaller when it gets smaller."""


def test_a_refund_reads_the_day_it_names(world: Path, tmp_path: Path) -> None:
    """Of transactions the month of its purchase, of positions the cohort it takes from; nothing else of history."""
    root = _lake(world, tmp_path, LONG)
    bought = NIGHT - timedelta(days=LONG // 2)
    _refund_of(root, bought)
    stored = _stored(root, "transactions")
    cost = _night(root)
    of_the_day = {f"transactions/{f.path}" for f in stored if str(bought) in f.days}
    assert set(cost.scans("transactions")) == of_the_day
    assert len(of_the_day) == BUCKETS < len(stored)
    cohorts = {tuple(path.split("/")[1:3]) for path in cost.scans("positions")}
    assert len(cohorts) == len({pool for pool, _ in cohorts}) == 2
    assert not cost.scans("ledger")


def _refund_of(root: Path, day: date) -> None:
    """Deliver a refund of some purchase of `day` with the night's feed."""
    folder = root / "landing" / "transactions"
    (source,) = sorted((folder / f"day={day}").glob("*.csv"))[:1]
    bought = pl.read_csv(source, infer_schema=False).head(1)
    refund = bought.with_columns(
        original_txn_id="txn_id",
        original_date=pl.lit(day.isoformat()),
        txn_id=pl.lit("R1"),
        kind=pl.lit("refund"),
        occurred_at=pl.lit(f"{NIGHT}T12:00:00+08:00"),
        amount=pl.lit("0.50"),
        voucher_amount=pl.lit(None, pl.String),
        concession_rate=pl.lit(None, pl.String),
    )
    (folder / f"day={NIGHT}" / "control.json").unlink(missing_ok=True)
    refund.write_csv(folder / f"day={NIGHT}" / "refund.csv")
