"""Whether a day stands: settled in the lake, and shown by the warehouse. Asked without Prefect, cheap to import."""

from datetime import date
from pathlib import Path

from flows.operations.last_failure import last_failure
from flows.operations.told_of_days import coming, listed
from flows.operations.warehouse import changed
from lake.runs.log import RunLog
from schemas.errors import InputMissingError


def require_settled(root: Path, warehouse: Path, day: date) -> None:
    """Raise InputMissingError (11) unless `day` is settled and the warehouse shows the last run."""
    run = RunLog(root / "lake").last()
    if run is None or run.last_settled < day:
        raise InputMissingError(
            f"{day} is not settled",
            where=f"{root}: {f'the last settled day is {run.last_settled}' if run else 'nothing is settled yet'}",
            todo=_next_step(root, day),
        )
    # DuckDB is slow to import, and only this needs it.
    from marts.publish import published_run  # noqa: PLC0415

    if published_run(warehouse) != run.run_id:
        raise InputMissingError(
            f"{day} is settled but not published",
            where=f"{warehouse} does not show run {run.run_id}",
            todo="run `settle publish`",
        )
    what = changed(root, warehouse)
    if what:
        raise InputMissingError(what, where=str(warehouse), todo="run `settle publish`: it makes it anew from the lake")


def _next_step(root: Path, day: date) -> str:
    failed = last_failure(root)
    if failed:
        return f"the last run failed at {failed['failed_at']} ({failed['what'].splitlines()[0]}): {failed['to_do']}"
    run = RunLog(root / "lake").last()
    found = coming(root / "landing", run.last_settled if run else None, day)
    missing = [each for each in found.missing if each < day]
    if day not in found.delivered:
        missing.append(day)
    if missing:
        return f"have {listed(missing)} delivered, then run `settle nightly`"
    return "its files are there: run `settle nightly` (with --direct if Prefect is ill)"
