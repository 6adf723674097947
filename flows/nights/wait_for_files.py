"""A night that waits for its files (SPEC 3: a missing day stops the run), without Prefect or a clock of its own.

Days are settled in order, so a night waits for every unsettled day up to its own, until one cut-off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from flows.nights.options import Require
from flows.settings import SHANGHAI
from lake.landing.zone import Landing
from lake.runs.log import RunLog
from schemas.errors import InputMissingError
from schemas.feeds import TRANSACTIONS
from schemas.units import ONE_DAY

MARKERS: Final[dict[Require, str | None]] = {"files": None, "success": "_SUCCESS", "control": "control.json"}
"""The file beside a day's transactions that says the delivery is whole; None: any file of the feed will do."""


@dataclass(frozen=True)
class Waiting:
    """What a night waits for, and until which time of the day after its business date (in Shanghai)."""

    require: Require
    until: time
    poll: timedelta = timedelta(minutes=1)

    def cut_off(self, last: date) -> datetime:
        """When the night that settles `last` gives up: with `until` 08:00, at 08:00 of the next day."""
        return datetime.combine(last + ONE_DAY, self.until, SHANGHAI)


def incomplete_days(root: Path, last: date, require: Require) -> list[date]:
    """Unsettled days up to `last` whose transactions are not there as `require` says, ascending."""
    landing, run = Landing(root), RunLog(root / "lake").last()
    first = run.last_settled + ONE_DAY if run else landing.first_day() or last
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if not _is_complete(landing, day, MARKERS[require])]


def ready_through(
    root: Path,
    last: date,
    waiting: Waiting,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    tell: Callable[[str], None],
) -> date:
    """Wait until every unsettled day up to `last` is complete, or the cut-off has come.

    Returns the day through which all are complete: `last`, or at the cut-off an earlier one.
    """
    told: list[date] = []
    while missing := incomplete_days(root, last, waiting.require):
        if clock() >= waiting.cut_off(last):
            return missing[0] - ONE_DAY
        if missing != told:
            tell(f"waiting for {', '.join(map(str, missing))} until {waiting.cut_off(last):%Y-%m-%d %H:%M %Z}")
            told = missing
        sleep(waiting.poll.total_seconds())
    return last


def not_delivered(root: Path, day: date, waiting: Waiting, last: date) -> InputMissingError:
    """What to raise about the first day that had not come at the cut-off of the night that settles `last`."""
    marker = MARKERS[waiting.require]
    return InputMissingError(
        f"{day} was not delivered by {waiting.cut_off(last):%Y-%m-%d %H:%M %Z}: "
        + (f"no {marker}" if marker else "no transactions"),
        where=str(Landing(root).day_folder(TRANSACTIONS, day)),
        todo=f"have the day delivered{f' with its {marker}' if marker else ''} (without sales: a header-only file), "
        "then run `settle nightly`; the next night would settle it too",
    )


def _is_complete(landing: Landing, day: date, marker: str | None) -> bool:
    if marker is not None and not (landing.day_folder(TRANSACTIONS, day) / marker).is_file():
        return False
    try:
        return bool(landing.files(TRANSACTIONS, day))
    except InputMissingError:
        return False
