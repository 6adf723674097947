"""The benchmark itself, on a world of a few hundred rows: equal answers are found equal, others are found out."""

import json
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from bench import children, lakes, profile, statements
from bench.answers import Answer, answer, written_answer
from bench.children import REPOSITORY
from bench.contest import Contender, Result, contest, ratio
from bench.dividends import dividends_task, expected, paid_answer
from bench.floor import main as floor
from bench.floors import night_floor, range_floor
from bench.jobs.nights import night_answer
from bench.jobs.pieces import backfill_in_pieces, pieces_of, sums
from bench.jobs.ranges import backfill
from bench.jobs.reading import asked_file
from bench.lake_files import committed, task_of
from bench.measure import FailedRunError, Usage, run
from bench.peers import duckdb_dividends, engine_dividends, loop_dividends
from bench.peers.duckdb_night import Night
from bench.read_again import with_read_again
from bench.report import Report, printed
from bench.setup import ONE_DAY, Bench, Events, events
from bench.sizes import Size
from bench.stages import Stages
from bench.task import read_task
from bench.worlds import FIRST_DAY
from flows.commands.main import run as settle_here
from lake.runs.log import RunLog

pytestmark = pytest.mark.xdist_group("bench")  # its worlds are made by one worker

TINY = Size("tiny", 600, 20, 400, 3, 3, 300, 2, 100, (2, 4), 100)
NOTHING = Usage(1, 1, 1, 1, 1, 1)


def _in_this_process(argv: Sequence[str], *_: object) -> Usage:
    assert settle_here(list(argv[1:])) == 0
    return NOTHING


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lakes, "run", _in_this_process)
        found = events(Bench(TINY, tmp_path_factory.mktemp("bench"), 1))
        for base, day in ((found.base, found.ordinary), (found.later, found.last)):
            lakes.night(lakes.copy_root(base, base.with_name(f"{base.name}-settled")), day)
    return found


@pytest.fixture(params=["ordinary", "event"])
def night(request: pytest.FixtureRequest, made: Events) -> SimpleNamespace:
    base, day = (made.base, made.ordinary) if request.param == "ordinary" else (made.later, made.last)
    settled = base.with_name(f"{base.name}-settled")
    return SimpleNamespace(task=task_of(base, day), settled=settled, day=day, pays=request.param == "event")


def test_sql_settles_a_night_as_the_engine_does(night: SimpleNamespace, tmp_path: Path) -> None:
    Night(read_task(night.task.write(tmp_path / "task.json")), tmp_path).settle()
    found = written_answer(tmp_path)
    assert found == night_answer(night.settled, night.day)
    assert found.rows > 400
    events_ = pl.read_parquet(tmp_path / "events.parquet")
    assert events_["pool"].to_list() == (["consumer", "merchant"] if night.pays else [])


def test_the_floor_copies_what_the_night_needed(night: SimpleNamespace, tmp_path: Path) -> None:
    floor(night_floor(night.task, night.settled, tmp_path), tmp_path / "out")
    copied = {path.name: pl.scan_parquet(path) for path in (tmp_path / "out").glob("*.parquet")}
    rows = {name: frame.select(pl.len()).collect().item() for name, frame in copied.items()}
    answered = night_answer(night.settled, night.day)
    assert answered.rows in rows.values(), "the ledger"
    parsed = copied["parsed-0.parquet"]
    assert parsed.collect_schema()["amount"] == pl.Decimal(18, 4)
    assert parsed.filter(pl.col("occurred_at").is_null()).select(pl.len()).collect().item() < 10


def test_the_floor_of_a_range_has_every_day(made: Events, tmp_path: Path) -> None:
    days = lakes.range_of(FIRST_DAY, made.ordinary)
    floor(range_floor(made.world / "landing", days, made.later, tmp_path), tmp_path / "out")
    parsed = [pl.scan_parquet(path) for path in (tmp_path / "out").glob("parsed-*.parquet")]
    assert sum("txn_id" in frame.collect_schema() for frame in parsed) >= len(days)


def test_the_floor_of_a_year_leaves_no_files(made: Events, tmp_path: Path) -> None:
    told = range_floor(made.world / "landing", [made.ordinary], made.later, tmp_path)
    floor(told, tmp_path / "out", drop=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["parts.json"]
    parts = json.loads((tmp_path / "out" / "parts.json").read_text(encoding="utf-8"))
    assert {"parse transactions", "transactions written", "balances written"} <= parts.keys()


def test_what_a_range_reads_again_is_positions_at_events_and_ids_of_named_days(made: Events, tmp_path: Path) -> None:
    root, days = made.folder / "later-settled", lakes.range_of(FIRST_DAY, made.last)
    told = with_read_again(range_floor(made.world / "landing", days, root, tmp_path), root)
    parts = [part for part in json.loads(told.read_text(encoding="utf-8"))["copy"] if part["columns"]]
    tables = committed(root)
    held = pl.read_parquet([f.path for f in tables["positions"]], hive_partitioning=False)
    paid = [part for part in parts if part["name"] == "positions paid, pool consumer"]
    # Three events: the second pays the first cohort, the third the first two; each its own as well.
    cohorts = [held.filter(pl.col("cohort_no") < number, pool="consumer").height for number in (2, 3)]
    assert [pl.read_parquet(part["paths"], hive_partitioning=False).height for part in paid] == cohorts
    assert cohorts[0] > 100
    refunds = pl.concat([pl.read_parquet(f.path, hive_partitioning=False) for f in tables["transactions"]]).filter(
        kind="refund"
    )
    named = {(str(day), str(of)) for day, of in refunds.select("business_date", "original_date").iter_rows()}
    searched = {path for part in parts if part["columns"] == ["txn_id"] for path in part["paths"]}
    assert searched == {
        f.path for f in tables["transactions"] if any(of in f.days and day > f.days[-1] for day, of in named)
    }
    assert 0 < len(searched) < len(tables["transactions"])
    floor(told, tmp_path / "out")
    seconds = json.loads((tmp_path / "out" / "parts.json").read_text(encoding="utf-8"))
    assert {"positions paid, pool merchant", "ids of days that refunds name", "ledger written"} <= seconds.keys()


@pytest.mark.parametrize("only", [(), ("floor, with",)])
def test_the_larger_floor_can_be_asked_for_alone(
    only: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def floor_here(argv: Sequence[str], *_: object, **__: object) -> Usage:
        floor(Path(argv[3]), Path(argv[4]), drop=True)
        return NOTHING

    monkeypatch.setattr(lakes, "run", _in_this_process)
    monkeypatch.setattr(children, "run", floor_here)
    reports = backfill(Bench(TINY, tmp_path, 1, only=only, days=4))
    assert [report.job for report in reports] == ["backfill, 1 days", "backfill, 4 days"]
    for report in reports:
        names = [result.name for result in report.results]
        assert names == ["engine", *([] if only else ["floor"]), "floor, with what is read again"]
        assert "ledger written" in report.parts
    settled = Bench(TINY, tmp_path, 1).folder("backfill-4") / "settled-4"
    measured = {path.parent.name for path in settled.rglob("parts.json")}
    assert measured == {"read-again", *([] if only else ["settled-4"])}


def test_the_floors_of_all_pieces_are_that_of_the_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors, calls = [], count(1)

    def settle(argv: Sequence[str], *_: object) -> Usage:
        if next(calls) == 3:
            raise FailedRunError("cut off")
        return _in_this_process(argv)

    def floor_here(argv: Sequence[str], *_: object, **__: object) -> Usage:
        floors.append(_job(Path(argv[3])))
        floor(Path(argv[3]), Path(argv[4]), drop=True)
        return NOTHING

    monkeypatch.setattr(lakes, "run", settle)
    monkeypatch.setattr(children, "run", floor_here)
    # The third piece begins in January and ends in February, so it also puts the files of the first two together.
    bench, days = Bench(TINY, tmp_path, 4, days=44), lakes.range_of(FIRST_DAY, FIRST_DAY + 43 * ONE_DAY)
    with pytest.raises(FailedRunError, match="cut off"):
        backfill_in_pieces(bench)
    (report,) = backfill_in_pieces(bench)
    assert next(calls) == 6, "the first two pieces are not measured again"
    assert [[usage.wall for usage in result.rounds] for result in report.results] == [[1] * 4, [1] * 4, [2] * 4]
    assert report.lines[0] == "Pieces 1 to 2 were measured by an earlier run, which was cut off."
    assert "piece by piece 0.50, 0.50, 0.50, 0.50" in report.lines[3]
    folder, written, again = bench.folder("backfill-44"), floors[::2], floors[1::2]
    root = folder / "in-4-pieces" / "after-4"
    tables, whole = committed(root), range_floor(folder / "world" / "landing", days, root, tmp_path)
    assert {Path(path).parent.name for path in _job(whole)["parse"]} == {"reference", *(f"day={day}" for day in days)}
    assert sorted(path for piece in written for path in piece["parse"]) == sorted(_job(whole)["parse"])
    for name in ("transactions", "ledger", "positions"):
        paths = [path for piece in written for path in _paths(piece, f"{name} written")]
        assert _rows(paths) == _rows([f.path for f in tables[name]]) > 0
    assert not any(piece["parse"] or _paths(piece, "ledger written") for piece in again)
    paid = [_names(piece, "positions paid, pool consumer") for piece in (*again, _job(with_read_again(whole, root)))]
    assert sorted(name for names in paid[:-1] for name in names) == sorted(paid[-1]) != []
    # A piece is one block here, which looks into a file once at most.
    searched = [_names(piece, "ids of days that refunds name") for piece in again]
    assert searched[0] == []
    assert all(searched[1:])
    assert [len(set(names)) for names in searched] == [len(names) for names in searched]


def _job(told: Path) -> dict[str, Any]:
    return dict(json.loads(told.read_text(encoding="utf-8")))


def _rows(paths: list[str]) -> int:
    return int(pl.scan_parquet(paths, hive_partitioning=False).select(pl.len()).collect().item())


def _paths(job: dict[str, Any], name: str) -> list[str]:
    return [path for part in job["copy"] if part["name"] == name for path in part["paths"]]


def _names(job: dict[str, Any], name: str) -> list[str]:
    return [Path(path).name for path in _paths(job, name)]


def test_pieces_follow_one_another_and_their_sums_are_told() -> None:
    days = lakes.range_of(FIRST_DAY, FIRST_DAY + 6 * ONE_DAY)
    assert [len(piece) for piece in pieces_of(days, 3)] == [2, 2, 3]
    assert [len(piece) for piece in pieces_of(days[:2], 5)] == [1, 1]
    assert [day for piece in pieces_of(days, 3) for day in piece] == days
    engine = Result("engine", [Usage(10, 8, 4, 1, 1, 1), Usage(30, 9, 9, 1, 1, 1)])
    other = Result("floor", [Usage(5, 4, 1, 1, 1, 1), Usage(5, 4, 1, 1, 1, 1)])
    assert list(sums([engine, other])) == [
        "All pieces, engine: 40.0 s, CPU 30.0 s (10.0, 30.0)",
        "All pieces, floor: 10.0 s, CPU 10.0 s (5.0, 5.0); the engine takes 4.00 x (CPU 3.00 x), "
        "piece by piece 2.00, 6.00",
    ]


def test_parts_of_one_name_are_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    parts = [{"name": name, "paths": [str(tmp_path / "a.parquet")], "columns": None} for name in ("x", "y", "x")]
    (tmp_path / "told.json").write_text(json.dumps({"parse": [], "copy": parts}), encoding="utf-8")
    monkeypatch.setattr("bench.floor.time.perf_counter", count().__next__)
    floor(tmp_path / "told.json", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "parts.json").read_text(encoding="utf-8")) == {"x": 2, "y": 1}


@pytest.fixture(scope="module")
def payments(made: Events, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("payments")
    task = dividends_task(made.folder / "later-settled", "consumer", folder)
    return SimpleNamespace(task=task, due=expected(task))


@pytest.mark.parametrize("formulation", duckdb_dividends.FORMULATIONS)
def test_every_formulation_pays_alike(payments: SimpleNamespace, tmp_path: Path, formulation: str) -> None:
    duckdb_dividends.main(payments.task, tmp_path, formulation)
    assert paid_answer(tmp_path, payments.task) == payments.due


def test_the_transform_and_the_loop_pay_what_the_ledger_has(payments: SimpleNamespace, tmp_path: Path) -> None:
    engine_dividends.main(payments.task, tmp_path)
    assert paid_answer(tmp_path, payments.task) == payments.due
    loop_dividends.main(payments.task, tmp_path, 2)
    assert paid_answer(tmp_path, payments.task) == expected(payments.task, 2) != payments.due


def test_the_stages_of_dividends_end_with_the_same_payments(payments: SimpleNamespace, tmp_path: Path) -> None:
    stages = Stages()
    engine_dividends.staged(payments.task, tmp_path, stages)
    assert paid_answer(tmp_path, payments.task) == payments.due
    assert next(iter(stages.spent)) == "read positions"
    assert list(stages.spent)[-1] == "and write"


def test_stages_of_one_name_are_one_line_whatever_their_days() -> None:
    stages = Stages()
    with stages.watching():
        assert stages("intake 2025-01-03", lambda: 1) == 1
        stages("intake 2025-01-04..2025-01-05", lambda: 2)
        stages("read inputs", lambda: bytearray(64 << 20))
    assert {name: entry.times for name, entry in stages.spent.items()} == {"intake": 2, "read inputs": 1}
    assert [line.split(" | ")[:2] for line in stages.table().splitlines()[2:]] == [
        ["| intake", "2"],
        ["| read inputs", "1"],
    ]


@pytest.mark.parametrize("job", profile.JOBS)
def test_a_profile_has_the_stages_of_its_job(made: Events, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakes, "run", _in_this_process)
    bench, stages = Bench(TINY, made.folder.parents[2], 1), Stages()
    profile.JOBS[job](bench, stages)
    if job.endswith("night"):
        run = RunLog(bench.folder("profiled") / "lake").last()
        assert run is not None
        assert run.first_date == run.last_date
    expected = "and write" if job == "dividends" else "publish"
    assert list(stages.spent)[-1] == expected


def test_a_session_reads_whole_statements(made: Events, tmp_path: Path) -> None:
    root, members = made.folder / "later-settled", [1, 17, 300]
    statements.main(asked_file(root / "warehouse.duckdb", members, tmp_path / "members.json"), tmp_path)
    kept = json.loads((tmp_path / "statements.json").read_text(encoding="utf-8"))
    ledger = pl.scan_parquet([f.path for f in committed(root)["ledger"]], hive_partitioning=False)
    own = ledger.filter((pl.col("holder_kind") == "member") & pl.col("holder_id").is_in(members))
    assert kept["lines"] == own.select(pl.len()).collect().item() > 0
    assert len(kept["seconds"]) == len(members)


def test_an_answer_is_its_rows_in_any_order() -> None:
    rows = pl.LazyFrame(
        {"holder_kind": ["member"] * 2, "holder_id": [1, 2], "kind": ["dividend"] * 2, "amount_fen": [3, 5]}
    )
    swapped = rows.with_columns(amount_fen=pl.col("amount_fen").reverse())
    assert answer(rows) == answer(rows.reverse())
    assert answer(rows).amount_fen == answer(swapped).amount_fen == 8
    assert answer(rows).hash != answer(swapped).hash


def test_the_rest_of_a_floor_is_told_where_there_is_one() -> None:
    parts = {"parse members.csv": 3.0, "ledger written": 5.0}
    engine = Result("engine", [Usage(10, 1, 1, 1, 1, 1)])
    for wall, told in ((8.0, ["2.00 x"]), (3.1, []), (2.9, [])):
        report = Report("a night", "XS", {}, [engine, Result("floor", [Usage(wall, 1, 1, 1, 1, 1)])], parts)
        lines = printed(report, 1).splitlines()
        assert [line.partition("rest of the floor: ")[2] for line in lines if "rest of the floor" in line] == told


def test_another_answer_does_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = Answer(1, 1, "a"), Answer(1, 1, "b")
    contenders = [
        Contender("engine", lambda _: NOTHING, lambda _: right),
        Contender("floor", lambda _: Usage(2, 1, 1, 1, 1, 1)),
        Contender("liar", lambda _: NOTHING, lambda _: wrong),
    ]
    results = contest(contenders, 3, tmp_path)
    assert [result.wrong for result in results] == [False, False, True]
    assert "liar answers" in capsys.readouterr().err
    assert ratio(results[0], results[1]) == 0.5
    assert [len(result.rounds) for result in results] == [3, 3, 3]


def test_a_child_is_counted_and_limited(tmp_path: Path) -> None:
    filled = "kept = bytearray(200_000_000); open({!r}, 'wb').write(kept[:1000])".format(str(tmp_path / "written"))
    usage = run([sys.executable, "-c", filled], tmp_path / "log", cwd=REPOSITORY)
    assert usage.peak > 200_000_000
    assert usage.written >= 1000
    with pytest.raises(FailedRunError, match=r"MemoryError|exit code -9"):
        run([sys.executable, "-c", filled], tmp_path / "log", limit=100_000_000)
