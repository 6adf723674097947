"""`settle status`: answered from the lake and the landing zone alone."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from cyclopts import Parameter

from flows.commands.app import Given
from flows.commands.output import print_json, say
from flows.operations.last_failure import last_failure
from flows.operations.standing import require_settled
from flows.operations.told_of_days import changes_of, coming, described_changes, listed, told_changes
from flows.operations.warehouse import changed
from flows.settings import Settings, now, told, yesterday
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.runs.run import Run
from lake.tables.store import Store
from schemas.errors import InputMissingError
from schemas.shown import shown, shown_lines
from schemas.tables import DAYS


def status(
    *,
    check: Annotated[bool, Parameter(negative="", help="exit code 11 unless yesterday is settled, published")] = False,
    given: Given,
) -> None:
    """What is settled, pending, quarantined, failed."""
    if check:
        check_standing(given, yesterday(now()))
    else:
        show_status(given, yesterday(now()))


def show_status(settings: Settings, yesterday: date) -> None:
    """What is settled, pending, quarantined, failed. Raises InputMissingError (11) if there is no root."""
    _require_root(settings.root)
    answer = _status(settings, yesterday)
    if settings.as_json:
        answer.pop("told_changes")
        print_json(answer)
    else:
        _print(answer)


def check_standing(settings: Settings, day: date) -> None:
    """Answer a watchdog: nothing is wrong, or InputMissingError (11) with what is missing and the next step."""
    _require_root(settings.root)
    require_settled(settings.root, settings.warehouse, day)
    changes = changes_of(settings.root)
    if settings.as_json:
        print_json({"day": day, "settled": True, "published": True, **described_changes(changes)})
    else:
        say(f"{day} is settled and published", *told_changes(changes))


def _require_root(root: Path) -> None:
    if not (root / "landing").is_dir() and not (root / "lake").is_dir():
        raise InputMissingError(
            "there is no landing zone, and nothing is settled" if root.is_dir() else "there is no such root",
            where=str(root),
            todo="point --root (or SETTLE_ROOT) at the folder that holds landing/",
        )


def _status(settings: Settings, yesterday: date) -> dict[str, Any]:
    run = RunLog(settings.root / "lake").last()
    last = run.last_settled if run else None
    found, changes = coming(settings.root / "landing", last, yesterday), changes_of(settings.root)
    return {
        "settled": _settled(settings, run) if run else None,
        "pending": found.delivered,
        "missing": found.missing,
        "yesterday": yesterday,
        "days_behind": found.behind,
        **described_changes(changes),
        "told_changes": told_changes(changes),
        "failed": last_failure(settings.root),
        "warehouse_changed": changed(settings.root, settings.warehouse),
    }


def _behind(answer: dict[str, Any]) -> str:
    days = answer["days_behind"]
    more = "" if answer["pending"] else "; no day after it has been delivered"
    return f"behind: {days:,} day{'s' if days > 1 else ''}, yesterday was {answer['yesterday']}{more}"


def _settled(settings: Settings, run: Run) -> dict[str, Any]:
    days = Draft(Store(settings.root / "lake"), run.versions, run.run_id).small(DAYS)
    bad = days.filter(pl.col("rows_quarantined") > 0)
    return {
        "first": days["business_date"].min(),
        "last": run.last_settled,
        "closed_through": run.closed_through,
        "days": days.height,
        "rows_in": days["rows_in"].sum(),
        "rows_booked": days["rows_booked"].sum(),
        "rows_quarantined": days["rows_quarantined"].sum(),
        "days_with_quarantine": bad.height,
        "last_run": {"run_id": run.run_id, "kind": run.kind, "finished_at": run.finished_at},
    }


def _print(answer: dict[str, Any]) -> None:
    settled, pending, failed = answer["settled"], answer["pending"], answer["failed"]
    if settled is None:
        print("settled: nothing yet")
    else:
        print(f"settled: {settled['first']} to {settled['last']}, {settled['days']:,} days")
        closed = settled["closed_through"]
        print(f"closed: through {closed}" if closed else "closed: nothing")
        print(f"rows: {settled['rows_in']:,} in = {settled['rows_booked']:,} booked + ", end="")
        print(f"{settled['rows_quarantined']:,} quarantined on {settled['days_with_quarantine']:,} days")
        last = settled["last_run"]
        print(f"last run: {last['run_id']} ({last['kind']}), finished {told(last['finished_at'])}")
    print(f"pending: {f'{len(pending)} days, {pending[0]} to {pending[-1]}' if pending else 'nothing'}")
    if answer["missing"]:
        print(f"missing: {listed(answer['missing'])}: no folder; nights settle up to it, and no further")
    if settled and answer["days_behind"] > 0:
        print(_behind(answer))
    say(*answer.pop("told_changes"))
    if answer["warehouse_changed"]:
        print(f"warehouse: {answer['warehouse_changed']}; `settle publish` makes it anew")
    if failed:
        at = told(datetime.fromisoformat(failed["failed_at"]))
        print(f"failed: {failed['command']} at {at}, exit code {failed['exit_code']}")
        print(f"  {shown_lines(failed['what'])}")
        print(f"  where: {shown(failed['where'])}")
        print(f"  to do: {shown(failed['to_do'])}")
    else:
        print("failed: nothing")
