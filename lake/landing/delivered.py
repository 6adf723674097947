"""Which days were delivered, by the names of their folders; cheap to ask."""

import re
from datetime import date
from pathlib import Path
from typing import Final

from schemas.feeds import TRANSACTIONS, Feed

_DAY_FOLDER: Final = re.compile(r"day=([0-9]{4}-[0-9]{2}-[0-9]{2})")


def delivered_days(landing: Path, feed: Feed = TRANSACTIONS) -> list[date]:
    """The days with a folder of the feed in the landing zone, ascending; what is in the folders is not looked at."""
    folder = landing / feed.name
    names = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(day for day in map(day_of, names) if day is not None)


def day_of(folder_name: str) -> date | None:
    """The date of a folder ``day=YYYY-MM-DD``; None for any other name."""
    shaped = _DAY_FOLDER.fullmatch(folder_name)
    try:
        return date.fromisoformat(shaped[1]) if shaped else None
    except ValueError:
        return None
