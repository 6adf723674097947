"""Intake, steps 1 to 6, alike for every feed; what is left for steps 7 and 8 is in earning.py (SPEC 3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.oracle.feeds import RawRow
from tests.oracle.readings import Reading, read_payout, read_redemption, read_transaction
from tests.oracle.reference import Reference
from tests.oracle.units import business_date

READERS: dict[str, Callable[[RawRow], Reading | None]] = {
    "transactions": read_transaction,
    "coin_redemptions": read_redemption,
    "payouts": read_payout,
}
IDS = {"transactions": "txn_id", "coin_redemptions": "redemption_id", "payouts": "payout_id"}


@dataclass
class DayIntake:
    """One feed's day: the rows still standing, and what was refused with its reason."""

    feed: str
    day: date
    readings: list[Reading] = field(default_factory=list)
    refused: list[tuple[str | None, str]] = field(default_factory=list)  # the feed's own id, reason

    def refuse(self, reading: Reading, reason: str) -> None:
        self.refused.append((reading.row_id, reason))

    def keep(self, reason_of: Callable[[Reading], str | None]) -> None:
        """Drop the rows for which a reason is given."""
        standing, self.readings = self.readings, []
        for reading in standing:
            reason = reason_of(reading)
            if reason is None:
                self.readings.append(reading)
            else:
                self.refuse(reading, reason)


class Bookings:
    """Which id was booked on which days, per feed."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], set[date]] = {}

    def add(self, feed: str, row_id: str, day: date) -> None:
        self._days.setdefault((feed, row_id), set()).add(day)

    def between(self, feed: str, row_id: str, first: date, last: date) -> bool:
        return any(first <= day <= last for day in self._days.get((feed, row_id), ()))


def take_in(
    feed: str, day: date, rows: list[RawRow], *, late_days: int, bookings: Bookings, reference: Reference
) -> DayIntake:
    """Steps 1 to 6."""
    intake = DayIntake(feed, day)
    for row in rows:
        reading = READERS[feed](row)
        if reading is None:
            intake.refused.append((row.cells[IDS[feed]], "malformed"))
        else:
            intake.readings.append(reading)
    intake.keep(lambda reading: None if reading.good_amount else "bad_amount")
    intake.keep(lambda reading: _misdated(reading, day, late_days))
    _drop_doubles(intake, reference)
    intake.keep(lambda reading: _already_booked(reading, feed, day, bookings))
    intake.keep(lambda reading: _unknown(reading, reference))
    return intake


def _misdated(reading: Reading, day: date, late_days: int) -> str | None:
    """Steps 3 and 4."""
    own = business_date(reading.occurred_at)
    if own > day:
        return "future_dated"
    return "too_late" if own < day - timedelta(days=late_days) else None


def _drop_doubles(intake: DayIntake, reference: Reference) -> None:
    """Step 5 within the day."""
    contents: dict[str, set[tuple[object, ...]]] = {}
    for reading in intake.readings:
        contents.setdefault(reading.row_id, set()).add((reading.content, _rate(reading, reference)))
    seen: set[str] = set()

    def reason(reading: Reading) -> str | None:
        if len(contents[reading.row_id]) > 1:
            return "conflicting_duplicate"
        if reading.row_id in seen:
            return "duplicate"
        seen.add(reading.row_id)
        return None

    intake.keep(reason)


def _rate(reading: Reading, reference: Reference) -> int | None:
    """The rate applied: an empty one stands for the merchant's. None for other rows, and where there is no merchant."""
    written = reading.values.get("concession_rate")
    if written is not None or reading.values.get("kind") != "purchase":
        return written
    merchant = reference.merchant(reading.values["merchant_id"], reading.occurred_at)
    return None if merchant is None else merchant["concession_rate"]


def _already_booked(reading: Reading, feed: str, day: date, bookings: Bookings) -> str | None:
    own = business_date(reading.occurred_at)
    late = own < day
    if late and bookings.between(feed, reading.row_id, own, day - timedelta(days=1)):
        return "already_booked"
    return None


def _unknown(reading: Reading, reference: Reference) -> str | None:
    """Step 6."""
    values, moment = reading.values, reading.occurred_at
    if "member_id" in values:
        if not reference.has_member(values["member_id"], moment):
            return "unknown_member"
        return None if reference.has_merchant(values["merchant_id"], moment) else "unknown_merchant"
    kind, holder = values["holder_kind"], values["holder_id"]
    known = {
        "member": lambda: reference.has_member(holder, moment),
        "merchant": lambda: reference.has_merchant(holder, moment),
        "promoter": lambda: holder in reference.promoters,
        "agent": lambda: holder in reference.agents,
        "partner": lambda: holder in reference.partners,
    }
    return None if known[kind]() else f"unknown_{kind}"
