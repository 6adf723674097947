"""The reports of a night that ran by itself (SPEC 13): one HTML file a day, written when the books are done."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment

from flows.settings import Settings

MOST_AT_ONCE: Final = 7
"""Days of a catch-up that get a report, the last of them: each costs about a second."""


def write_reports(settings: Settings, days: Sequence[date]) -> dict[date, Path | None]:
    """The reports of the last settled days, `days` ascending, as one task; None: not written, and the log says why.

    Nothing that goes wrong here is raised: the days are settled and published. A night that somebody started at a
    terminal, and waits for, writes none.
    """
    if deployment.id is None or not days:
        return {}
    written: dict[date, Path | None] = dict.fromkeys(days[-MOST_AT_ONCE:])
    task(name="report", task_run_name=f"report {_span(list(written))}", cache_policy=NO_CACHE, persist_result=False)(
        lambda: _write(settings, written)
    )(return_state=True)
    return written


def _write(settings: Settings, written: dict[date, Path | None]) -> None:
    """Each day for itself; the task fails if one of them did."""
    faults = [fault for day in written if (fault := _write_one(settings, day, written))]
    if faults:
        raise faults[-1]


def _write_one(settings: Settings, day: date, written: dict[date, Path | None]) -> Exception | None:
    # Slow to import, and of use to these runs only.
    from flows.report.write import write_report  # noqa: PLC0415

    try:
        written[day] = write_report(settings.root, settings.warehouse, day, rulebook=settings.rulebook)
    except Exception as fault:
        return _noted(day, fault)
    except BaseException as fault:
        # A panic of an engine underneath is no Exception, and would take the flow run with it.
        if type(fault).__name__ != "PanicException":
            raise
        return _noted(day, RuntimeError(str(fault)))
    return None


def _noted(day: date, fault: Exception) -> Exception:
    get_run_logger().error("no report of %s: %s", day, fault)
    return fault


def _span(days: Sequence[date]) -> str:
    return f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
