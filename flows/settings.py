"""What every command knows: where the data lies, which rules hold, how to answer. Cheap to import."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.errors import ConfigurationError

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Of the days that a command may be given: what lies beyond is a slip of the pen."""


@dataclass(frozen=True)
class Settings:
    """The global options of SPEC 12. `rulebook` None: that of the root, else the shipped one. `buckets` counts only for
    a new lake."""

    root: Path = Path("data")
    warehouse: Path = Path("warehouse.duckdb")
    rulebook: Path | None = None
    buckets: int | None = None
    as_json: bool = False
    debug: bool = False


def now() -> datetime:
    """The clock. Read by commands only; the settlement gets its dates as arguments.

    Raises ConfigurationError (10) for a clock that shows a year which no day that can be settled is in.
    """
    moment = datetime.now(UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ConfigurationError(
            f"the clock of this machine says that it is the year {moment.year}",
            where="the system's clock",
            todo="set it right: which day was yesterday depends on it",
        )
    return moment


def yesterday(moment: datetime) -> date:
    """The last business date that has closed in Shanghai."""
    return moment.astimezone(SHANGHAI).date() - timedelta(days=1)


def told(moment: datetime) -> str:
    """A moment for people: business time to the second, with its zone, `2025-03-16 02:20:00 +08:00`."""
    return moment.astimezone(SHANGHAI).isoformat(" ", "seconds").replace("+", " +")
