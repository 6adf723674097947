"""The schedule on a real Prefect server: nights that run by themselves, late, twice, in vain, and cut short."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule, RRuleSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelling, Pending, Running, Scheduled

from flows.nights.page import night_page
from flows.nights.server.dead_runs import end_dead_runs
from flows.nights.server.deployments import DUTIES, NIGHTLY
from flows.settings import SHANGHAI
from lake.runs.log import RunLog
from lake.tables.store import Store
from marts.night import night_numbers
from schemas.tables import LEDGER
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.damage import state
from tests.prefect_site import Site, prefect_site, until, until_after
from tests.small_lake import command, lake_state
from tests.tiny import HEADER, day, purchase, write_tiny

pytestmark = pytest.mark.xdist_group("schedule")  # its worlds are made by one worker


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


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """March 2019, settled and published; its last purchase is of the 31st."""
    root = tmp_path_factory.mktemp("month")
    write_tiny(root, {n: [purchase(f"a{n}", n, "2500.00")] for n in (1, 2, 31)}, 31)
    assert command(root, "nightly", "--date", str(day(31))) == 0
    return root


def night_of(number: int, begin: time = time(2, 15)) -> datetime:
    """When the schedule starts the night that settles day `number`; `begin`: of what else runs on that morning."""
    return datetime.combine(day(number + 1), begin, SHANGHAI)


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


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("nightly", "root"),
        ("nightly", "warehouse"),
        ("watch", "warehouse"),
        ("verify", "rulebook"),
        ("month-report", "root"),
    ],
)
def test_a_run_that_asks_for_other_places_is_refused(
    flow: str, name: str, site: Site, month: Path, tmp_path: Path
) -> None:
    """Whoever may ask the server could have another root settled into finance's warehouse."""
    other = shutil.copytree(month, tmp_path / "other")
    before, books = state(other), state(month)
    run = site.ended(site.trigger(month, night_of(31), flow, {name: str(other)}))
    assert run.state_type is StateType.FAILED
    assert "a run may not say where it works" in state_of(run)[1]
    assert state(other) == before
    assert state(month) == books


def test_the_deployments_name_no_place_and_pull_nothing(site: Site) -> None:
    for duty in DUTIES:
        made = site.client.read_deployment_by_name(f"{duty.flow.name}/{duty.name}")
        assert not made.parameters.keys() & {"root", "warehouse", "rulebook"}
        assert not made.pull_steps


def test_missed_nights_are_caught_up_once_and_told_with_the_warehouses_numbers(site: Site, tmp_path: Path) -> None:
    root = world(tmp_path, 4)
    reports = {number: root / "reports" / f"settlement-{day(number)}.html" for number in (2, 3)}
    reports[2].mkdir(parents=True)
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
    numbers = night_numbers(root / "w.duckdb", day(1), day(3))
    told = artifact(site, f"night-{day(3)}")
    assert told == night_page(numbers, root / "w.duckdb", {day(2): None, day(3): reports[3]})
    assert "Settlement of 3 March 2019" in reports[3].read_text(encoding="utf-8")
    assert f"({reports[3].as_uri()})" in told
    assert f"`settle report --date {day(2)}` writes it" in told, "a report that cannot be written fails no night"
    with duckdb.connect(str(root / "w.duckdb"), read_only=True) as reader:
        since = f"where business_date > date '{day(1)}'"
        kinds = reader.sql(f"select kind, asset, count(*), sum(amount) from ledger {since} group by all").fetchall()
        events = reader.sql("select event_no, holders, amount from pool_events where event_no > 1").fetchall()
        [(fund,)] = reader.sql("select fund_balance from solvency order by business_date desc limit 1").fetchall()
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


def artifact(site: Site, key: str) -> str:
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    [found] = site.client.read_artifacts(artifact_filter=wanted)  # type: ignore[call-arg]
    return str(found.data)


def data_files(root: Path) -> set[Path]:
    return {path for path in (root / "lake").rglob("*.parquet") if "_delta_log" not in path.parts}


def test_the_watch_is_content_with_a_settled_day_and_alerts_about_one_that_is_not(site: Site, month: Path) -> None:
    stands, missing = [site.trigger(month, night_of(number, time(8, 30)), "watch") for number in (31, 32)]
    assert site.ended(stands).state_type is StateType.COMPLETED
    run = site.ended(missing)
    assert run.state_type is StateType.FAILED
    assert run.name == f"watch {day(32)}"
    told = until(lambda: [each for each in site.heard if each["subject"].startswith(run.name)], "the alert")
    assert told[-1]["subject"] == f"watch {day(32)}: {day(32)} is not settled"
    assert f"have {day(32)} delivered, then run `settle nightly`" in told[-1]["body"]
    assert not any(each["subject"].startswith(f"watch {day(31)}") for each in site.heard)


def test_the_report_of_a_settled_month_is_written_and_linked_to(site: Site, month: Path) -> None:
    run = site.ended(site.trigger(month, night_of(31, time(9)), "month-report"))
    written = month / "reports" / "settlement-2019-03.html"
    assert state_of(run) == ("Written", f"the report of 2019-03 is written: {written}")
    assert run.name == "month report 2019-03"
    assert "Settlement of March 2019" in written.read_text(encoding="utf-8")
    assert f"[settlement-2019-03.html]({written.as_uri()}), `{written}`" in artifact(site, "month-2019-03")


def test_history_is_verified_and_a_stored_amount_that_was_changed_is_told(
    site: Site, month: Path, tmp_path: Path
) -> None:
    false = shutil.copytree(month, tmp_path / "false")
    last = RunLog(false / "lake").last()
    assert last is not None
    path = false / "lake" / "ledger" / Store(false / "lake").files(LEDGER, last.versions["ledger"])[0].path
    rows = pl.read_parquet(path, hive_partitioning=False)
    rows.with_columns(pl.col("amount_fen") + 1).write_parquet(path)
    name, said = state_of(site.ended(site.trigger(month, night_of(31, time(12)), "verify")))
    assert name == "Verified"
    assert said.startswith(f"{day(1)} to {day(31)}: ")
    run = site.ended(site.trigger(false, night_of(31, time(12)), "verify"))
    assert run.state_type is StateType.FAILED
    assert f"ledger: {rows.height} row" in state_of(run)[1]
    told = until(lambda: [each for each in site.heard if "exit code: 13" in each["body"]], "the alert")
    assert [each["subject"].partition(":")[0] for each in told] == [f"verify up to {day(31)}"]


def test_a_run_that_died_with_its_server_does_not_hold_the_place_of_the_next(site: Site, month: Path) -> None:
    watch = site.client.read_deployment_by_name("watch/every-morning").id
    later = datetime.now(UTC) + timedelta(days=1)
    dead = site.client.create_flow_run_from_deployment(watch, state=Scheduled(scheduled_time=later), name="the dead")
    for come_to in (Pending(), Running()):
        site.client.set_flow_run_state(dead.id, come_to, force=True)
    said: list[str] = []
    end_dead_runs(site.client, [watch], "custom-webhook/operators", said.append)
    assert len(said) == 1
    assert site.ended(dead.id).state_type is StateType.CRASHED
    assert any(each["subject"] == "the dead did not end well" for each in site.heard)
    assert site.ended(site.trigger(month, night_of(31, time(8, 30)), "watch")).state_type is StateType.COMPLETED


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
