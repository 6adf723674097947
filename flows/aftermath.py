"""What is true of the books after a command that did not end as it should: the run log says it."""

from datetime import datetime
from pathlib import Path


def what_stands(root: Path, since: datetime) -> str:
    """A sentence about the books for somebody whose command began at `since` and was cut short."""
    try:
        # Imported where something has gone wrong: no other command waits for it.
        from lake.runlog import RunLog  # noqa: PLC0415

        run = RunLog(root / "lake").last()
    except Exception:
        return "`settle status` says how the books stand"
    if run is None or run.finished_at < since:
        return "the books are as they were before"
    return f"the books are settled through {run.last_settled}: run {run.run_id} ({run.kind}) was finished"
