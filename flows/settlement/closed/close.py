"""Closing the books (SPEC 14): a run that computes nothing and says from where on history may still change."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from lake.runs.log import RunLog
from lake.runs.run import CLOSE, Run
from schemas.errors import InputMissingError, InputRefusedError


def close_books_through(root: Path, through: date, moment: datetime) -> Run | None:
    """Close every day up to `through`; None if they are closed already. The caller holds the lake's lock.

    Raises InputMissingError (11) if nothing is settled, InputRefusedError (12) if `through` is not settled yet, or
    lies before all that is.
    """
    log = RunLog(root / "lake")
    runs = log.runs()
    base = runs[-1] if runs else None
    if base is None:
        raise InputMissingError("nothing is settled yet", where=str(root), todo="settle first, then close")
    if through > base.last_settled:
        raise InputRefusedError(
            f"{through} is not settled yet",
            where=f"the last settled day is {base.last_settled}",
            todo=f"settle up to {through} first, or close through an earlier day",
        )
    first = min(run.first_date for run in runs if run.kind != CLOSE)
    if through < first:
        raise InputRefusedError(
            f"{through} is before the first settled day",
            where=f"the first settled day is {first}",
            todo="close through a day from then on",
        )
    if base.closed_through is not None and through <= base.closed_through:
        return None
    run = replace(
        base,
        run_no=base.run_no + 1,
        run_id=f"{base.run_no + 1:06d}-{moment.astimezone(UTC):%Y%m%dT%H%M%S%f}",
        kind=CLOSE,
        first_date=through,
        last_date=through,
        closed_through=through,
        started_at=moment,
        finished_at=moment,
        rows_in=0,
        rows_booked=0,
        rows_quarantined=0,
    )
    return log.append(run)
