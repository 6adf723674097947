"""What is to be said of settled days and of days to come (SPEC 12, 14): changed files, holes, and how far behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lake.draft.draft import Draft
from lake.landing.changed_days import Changes, changed_days
from lake.landing.delivered import delivered_days
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.errors import InputMissingError
from schemas.feeds import TRANSACTIONS
from schemas.tables import DAYS
from schemas.units import ONE_DAY

if TYPE_CHECKING:
    from lake.landing.zone import Landing

SHOWN: Final = 7
"""Days that a sentence names one by one."""


def changes_of(root: Path) -> Changes:
    """Settled days whose files have changed since; nothing if nothing is settled."""
    run = RunLog(root / "lake").last()
    if run is None:
        return Changes()
    days = Draft(Store(root / "lake"), run.versions, run.run_id).small(DAYS)
    return changed_days(root, dict(days.select("business_date", "input_fingerprint").iter_rows()))


def told_changes(changes: Changes) -> list[str]:
    """The same for people: a line a day, and what to do."""
    lines = [f"settled from other files than are there now: {found}" for found in changes.days]
    if changes.days:
        ranges = ", ".join(f"settle backfill --from {first} --to {last}" for first, last in _stretches(changes))
        lines.append(f"to do: put the files back, or settle them as they are: {ranges}")
    if changes.early:
        lines.append(f"delivered before the first settled day, and read by no night: {listed(changes.early)}")
        asked = f"settle backfill --from {changes.early[0]} --to {changes.early[-1]}"
        lines.append(f"to do: take them away, or settle from there on: {asked}")
    for name, real in changes.outside[:SHOWN]:
        lines.append(f"read through a link from outside of the landing zone: {name}, from {real}")
    if changes.outside:
        more = f" ({len(changes.outside):,} files in all)" if len(changes.outside) > SHOWN else ""
        lines.append(f"to do: have the files themselves delivered; whoever may write there writes the books{more}")
    if changes.not_looked_at:
        lines.append(
            f"the files of {changes.not_looked_at:,} older settled days were not looked at: `settle verify` does"
        )
    return lines


def _stretches(changes: Changes) -> list[tuple[date, date]]:
    """Changed days that follow on each other, as ranges."""
    found: list[tuple[date, date]] = []
    for each in changes.days:
        if found and each.day == found[-1][1] + ONE_DAY:
            found[-1] = found[-1][0], each.day
        else:
            found.append((each.day, each.day))
    return found


def described_changes(changes: Changes) -> dict[str, Any]:
    """The same for machines."""
    days = [
        {"day": found.day, "files": [{"file": name, "change": how} for name, how in found.files]}
        for found in changes.days
    ]
    return {
        "changed_days": days,
        "days_before_first": changes.early,
        "days_not_looked_at": changes.not_looked_at,
        "files_outside": [{"file": name, "lies_at": real} for name, real in changes.outside],
    }


@dataclass(frozen=True)
class Coming:
    """Days that are not settled yet. `delivered`: those with a folder; `missing`: days without one between the last
    settled day and the last of them; `behind`: days from the last settled one to `until`."""

    delivered: list[date]
    missing: list[date]
    behind: int


def coming(landing: Path, last_settled: date | None, until: date) -> Coming:
    """What has been delivered after `last_settled`; `until`: the last day that could be settled."""
    delivered = [day for day in delivered_days(landing) if last_settled is None or day > last_settled]
    begin = last_settled + ONE_DAY if last_settled else min(delivered, default=None)
    missing = _between(begin, delivered)
    return Coming(delivered, missing, (until - last_settled).days if last_settled else 0)


def _between(begin: date | None, delivered: Sequence[date]) -> list[date]:
    if begin is None or not delivered:
        return []
    there = set(delivered)
    days = (begin + timedelta(days=n) for n in range((delivered[-1] - begin).days + 1))
    return [day for day in days if day not in there]


def listed(days: Sequence[date]) -> str:
    """Some days, the first of many."""
    named = ", ".join(map(str, days[:SHOWN]))
    return named if len(days) <= SHOWN else f"{named} and {len(days) - SHOWN} more days"


def reachable(root: Path, last: date) -> date:
    """The day through which a night can settle: `last`, or the day before the first unsettled day without files.

    If that is the first one to be settled, `last` all the same: then the night says what is missing.
    """
    from lake.landing.zone import Landing  # noqa: PLC0415  (it imports the parsers)

    landing, run = Landing(root), RunLog(root / "lake").last()
    first = run.last_settled + ONE_DAY if run else landing.first_day() or last
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if not has_rows(landing, day):
            return day - ONE_DAY if day > first else last
    return last


def has_rows(landing: "Landing", day: date) -> bool:
    """Whether the day's transactions are there."""
    try:
        return bool(landing.files(TRANSACTIONS, day))
    except InputMissingError:
        return False


def hole_after(root: Path, through: date) -> InputMissingError:
    """What to raise once the days up to `through` are settled, and the next one is missing."""
    from lake.landing.zone import Landing  # noqa: PLC0415  (it imports the parsers)

    day = through + ONE_DAY
    return InputMissingError(
        f"no {TRANSACTIONS.name} were delivered for {day}; all days up to {through} are settled",
        where=str(Landing(root).day_folder(TRANSACTIONS, day)),
        todo=f"deliver {day} (for a day without sales, a header-only file), then run `settle nightly` again",
    )


def why_nothing(root: Path, last: date, changes: Changes) -> str:
    """Why a night up to `last` had nothing to settle. `changes`: of the settled days."""
    from lake.landing.zone import Landing  # noqa: PLC0415  (it imports the parsers)

    run, first = RunLog(root / "lake").last(), Landing(root).first_day()
    if run is None:
        return f"{last} is before the first day with a folder, {first}"
    begin = RunLog(root / "lake").frame()["first_date"].min()
    if isinstance(begin, date) and last < begin:
        return f"{last} is before the first settled day, {begin}"
    if changes.days or changes.early or changes.not_looked_at:
        return f"every day up to {last} is settled"
    return "settled already, from the same inputs and rules"
