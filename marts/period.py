"""What a report or an export is about: a settled night, or the settled days of a calendar month."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from marts.reading import Connection, row
from schemas.errors import InputMissingError


@dataclass(frozen=True)
class Period:
    """The settled days `first` to `last`; of a month, `end` is its last calendar day, else `last`."""

    first: date
    last: date
    end: date
    is_month: bool

    @property
    def label(self) -> str:
        """`2025-03`, or `2025-03-16`: of file names and headings."""
        return f"{self.first:%Y-%m}" if self.is_month else self.last.isoformat()

    @property
    def complete(self) -> bool:
        """Whether the last day is settled: only then are promoters and agents reckoned (SPEC 8, 9)."""
        return self.last == self.end


def night(connection: Connection, day: date | None) -> Period:
    """A settled day; None: the last one. Raises InputMissingError (11) if it is not settled."""
    first, last = _settled(connection)
    day = day or last
    if not first <= day <= last:
        raise _not_settled(f"{day} is not settled", first, last)
    return Period(day, day, day, is_month=False)


def month(connection: Connection, first_day: date) -> Period:
    """The settled days of the month that begins on `first_day`. Raises InputMissingError (11) if it has none."""
    end = first_day.replace(day=monthrange(first_day.year, first_day.month)[1])
    first, last = _settled(connection)
    if end < first or first_day > last:
        raise _not_settled(f"no day of {first_day:%Y-%m} is settled", first, last)
    return Period(max(first_day, first), min(end, last), end, is_month=True)


def choose(connection: Connection, period: Period) -> None:
    """Make `first` and `last` known to the queries that follow."""
    connection.execute(f"set variable first = date '{period.first}'")
    connection.execute(f"set variable last = date '{period.last}'")


def _settled(connection: Connection) -> tuple[date, date]:
    days = row(connection, "select min(business_date) as first, max(business_date) as last from days")
    if days["first"] is None:
        raise InputMissingError("nothing is settled yet", todo="run `settle nightly` or `settle backfill` first")
    return days["first"], days["last"]


def _not_settled(what: str, first: date, last: date) -> InputMissingError:
    return InputMissingError(
        what, where=f"the warehouse shows {first} to {last}", todo="settle it first, or choose a settled day or month"
    )
