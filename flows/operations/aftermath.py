"""What is true of the books after a command that did not end as it should: the run log says it."""

from datetime import datetime

from flows.settings import Settings


def what_stands(settings: Settings, since: datetime) -> str:
    """A sentence about the books for somebody whose command began at `since` and was cut short."""
    root = settings.root
    try:
        # Imported where something has gone wrong: no other command waits for it.
        from lake.runs.log import RunLog  # noqa: PLC0415

        run = RunLog(root / "lake").last()
    except Exception:
        return "`settle status` says how the books stand"
    if run is None or run.finished_at < since:
        return "the books are as they were before"
    settled = f"the books are settled through {run.last_settled}: run {run.run_id} ({run.kind}) was finished"
    if _is_shown(settings):
        return settled
    return f"{settled}; the warehouse does not show it yet: `settle publish` does that, and so does the next night"


def _is_shown(settings: Settings) -> bool:
    from flows.operations.publish import is_current  # noqa: PLC0415

    try:
        return is_current(settings.root, settings.warehouse)
    except Exception:
        return False
