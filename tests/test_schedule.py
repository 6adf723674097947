"""The schedule on a real Prefect server: nights that run by themselves, late, twice, in vain, and cut short."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule, RRuleSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelling

from flows.deployments import NIGHTLY
from flows.night_page import night_page
from flows.settings import SHANGHAI
from lake.runlog import RunLog
from marts.night import night_numbers
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.prefect_site import Site, prefect_site, until, until_after
from tests.small_lake import command, lake_state
from tests.tiny import HEADER, day, purchase, write_tiny


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Its own root has the files of yesterday and today, whenever this runs: only the scheduler's own run uses it."""
    folder, root = tmp_path_factory.mktemp("prefect"), tmp_path_factory.mktemp("served")
    (root / "landing").mkdir()
    write_tiny(root, {}, 0)
    today = datetime.now(SHANGHAI).date()
    for number, date in enumerate((today - timedelta(days=1), today)):
        path = root / "landing" / "transactions" / f"day={date}" / "a.csv"
        path.parent.mkdir(parents=True)
        row = purchase(f"a{number}", 1, "100.00", at=f"{date}T12:00:00+08:00")
        path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    with prefect_site(folder, root) as made:
        yield made


def night_of(number: int) -> datetime:
    """When the schedule starts the night that settles day `number`."""
    return datetime.combine(day(number + 1), time(2, 15), SHANGHAI)


def world(root: Path, last: int) -> Path:
    """Days of one purchase each, the first of them settled."""
    write_tiny(root, {n: [purchase(f"a{n}", n, "2500.00")] for n in range(1, last + 1)}, last)
    assert command(root, "nightly", "--date", str(day(1))) == 0
    return root


def state_of(run: FlowRun) -> tuple[str, str]:
    assert run.state is not None
    return run.state.name or "", run.state.message or ""


def nights(site: Site) -> list[FlowRun]:
    of_nights = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[site.night]))
    return site.client.read_flow_runs(flow_run_filter=of_nights, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=100)


def soon() -> RRuleSchedule:
    """Soon, and several times: what is past when the scheduler looks is not scheduled any more."""
    begin = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    return RRuleSchedule(rrule=f"DTSTART:{begin}\nRRULE:FREQ=SECONDLY;INTERVAL=10;COUNT=20", timezone="UTC")


def test_the_scheduler_starts_a_night_by_itself_and_it_settles_yesterday(site: Site) -> None:
    planned = until(lambda: [run for run in nights(site) if run.auto_scheduled], "the scheduler plans nights")
    moments = {run.expected_start_time.astimezone(SHANGHAI).time() for run in planned if run.expected_start_time}
    assert moments == {time(2, 15)}
    begun = until_after(
        lambda: site.reschedule(soon()),
        lambda: [run for run in nights(site) if run.auto_scheduled and run.start_time],
        "the scheduler makes a run, and settle serve begins it",
    )
    site.reschedule(CronSchedule(cron=NIGHTLY.cron, timezone="Asia/Shanghai"))
    run = site.ended(begun[0].id)
    last = RunLog(site.root / "lake").last()
    assert last is not None
    assert state_of(run) == ("Settled", f"settled {last.last_settled}")
    assert run.name == f"nightly {last.last_settled}"
    assert last.last_settled in {datetime.now(SHANGHAI).date() - timedelta(days=n) for n in (1, 2)}


def test_missed_nights_are_caught_up_once_and_told_with_the_warehouses_numbers(site: Site, tmp_path: Path) -> None:
    root = world(tmp_path, 4)
    both = [site.ended(run) for run in [site.trigger(root, night_of(3)) for _ in range(2)]]
    run, again = sorted(both, key=lambda one: state_of(one)[0])
    assert state_of(again)[0] == "Nothing to do", "two triggers give one settlement"
    assert RunLog(root / "lake").frame().height == 2
    first, second = sorted((one.start_time, one.end_time) for one in both)
    assert first[1] <= second[0], "one at a time"  # type: ignore[operator]
    assert state_of(run) == ("Caught up", f"settled {day(2)} to {day(3)}")
    assert run.name == f"nightly {day(3)}"
    last = RunLog(root / "lake").last()
    assert last is not None
    assert last.last_settled == day(3), "the scheduled time decides, not the clock"
    key = ArtifactFilter(key=ArtifactFilterKey(any_=[f"night-{day(3)}"]))
    [artifact] = site.client.read_artifacts(artifact_filter=key)  # type: ignore[call-arg]
    assert artifact.data == night_page(night_numbers(root / "w.duckdb", day(1), day(3)), root / "w.duckdb")
    with duckdb.connect(str(root / "w.duckdb"), read_only=True) as reader:
        since = f"where business_date > date '{day(1)}'"
        kinds = reader.sql(f"select kind, asset, count(*), sum(amount) from ledger {since} group by all").fetchall()
        events = reader.sql("select event_no, holders, amount from pool_events where event_no > 1").fetchall()
        [(fund,)] = reader.sql("select fund_balance from solvency order by business_date desc limit 1").fetchall()
    told = str(artifact.data)
    assert ("coins_earned", "coins", 2, Decimal("2500.00")) in kinds
    assert all(f"| {kind} | {asset} | {rows} | {amount:,} |" in told for kind, asset, rows, amount in kinds)
    assert events
    assert all(f"| {number} | " in told and f"| {holders} | {amount:,} |" in told for number, holders, amount in events)
    assert f"Fund **{fund:,}** yuan" in told
    assert any("1 missing nights were caught up" in alert["subject"] for alert in site.heard)


def test_a_day_that_does_not_come_fails_its_night_and_somebody_hears_of_it(site: Site, tmp_path: Path) -> None:
    root = world(tmp_path, 2)
    run = site.ended(site.trigger(root, night_of(3)))
    assert run.state_type is StateType.FAILED
    assert f"{day(3)} was not delivered" in state_of(run)[1]
    told = until(lambda: [each for each in site.heard if f"nightly {day(3)}: " in each["subject"]], "the alert")
    assert "exit code: 11" in told[-1]["body"]
    assert "then run `settle nightly`" in told[-1]["body"]
    last = RunLog(root / "lake").last()
    assert last is not None
    assert last.last_settled == day(2), "what was there is settled"
    assert command(root, "status", "--check") == 11


def test_a_cancelled_night_leaves_nothing_half_done(site: Site, tmp_path: Path) -> None:
    root, untouched = world(tmp_path / "cancelled", 2), world(tmp_path / "whole", 2)
    before, books = data_files(root), lake_state(root)
    site.hold.touch()
    run = site.trigger(root, night_of(2))
    until(site.hold.with_suffix(".reached").exists, "the night is in the middle")
    assert data_files(root) != before, "it has written something"
    site.client.set_flow_run_state(run, Cancelling())
    assert site.ended(run).state_type is StateType.CANCELLED
    site.hold.unlink()
    with FileLock(root / ".settle.lock").acquire(timeout=60):
        assert data_files(root) == before
    assert lake_state(root) == books
    assert command(root, "nightly", "--date", str(day(2))) == 0
    assert command(untouched, "nightly", "--date", str(day(2))) == 0
    assert_same(read_tables(root / "w.duckdb", ALL_TABLES), read_tables(untouched / "w.duckdb", ALL_TABLES), ALL_TABLES)


def data_files(root: Path) -> set[Path]:
    return {path for path in (root / "lake").rglob("*.parquet") if "_delta_log" not in path.parts}


def test_paused_is_paused_after_a_restart_and_stopping_pauses_nothing(site: Site) -> None:
    site.stop()
    stopped = site.client.read_deployment_by_name("nightly/every-night")
    assert (stopped.paused, stopped.schedules[0].active) == (False, True)
    site.client.pause_deployment(site.night)
    watch = site.client.read_deployment_by_name("watch/every-morning")
    site.client.update_deployment_schedule(watch.id, watch.schedules[0].id, active=False)
    site.serve()
    again = [site.client.read_deployment_by_name(name) for name in ("nightly/every-night", "watch/every-morning")]
    assert [(one.paused, one.schedules[0].active) for one in again] == [(True, True), (False, False)]
