"""`settle status`: answered from the lake and the landing zone alone."""

from datetime import date, datetime
from typing import Any

import polars as pl

from flows.answers import print_json
from flows.failures import last_failure
from flows.settings import Settings, told
from flows.standing import require_settled
from flows.warehouse import changed
from lake.delivered import delivered_days
from lake.draft import Draft
from lake.runlog import RunLog
from lake.runs import Run
from lake.store import Store
from schemas.shown import shown, shown_lines
from schemas.tables import DAYS


def show_status(settings: Settings) -> None:
    """What is settled, pending, quarantined, failed."""
    answer = _status(settings)
    if settings.as_json:
        print_json(answer)
    else:
        _print(answer)


def check_standing(settings: Settings, day: date) -> None:
    """Answer a watchdog: nothing is wrong, or InputMissingError (11) with what is missing and the next step."""
    require_settled(settings.root, settings.warehouse, day)
    if settings.as_json:
        print_json({"day": day, "settled": True, "published": True})
    else:
        print(f"{day} is settled and published")


def _status(settings: Settings) -> dict[str, Any]:
    run = RunLog(settings.root / "lake").last()
    last = run.last_settled if run else None
    pending = [day for day in delivered_days(settings.root / "landing") if last is None or day > last]
    return {
        "settled": _settled(settings, run) if run else None,
        "pending": pending,
        "failed": last_failure(settings.root),
        "warehouse_changed": changed(settings.root, settings.warehouse),
    }


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
