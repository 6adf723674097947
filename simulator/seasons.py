"""How many rows a day has: campaigns over a slow trend, the week, the year.

A campaign grows fast and then ebbs into a lull. The pools reach their growth targets in the one and run
into their deadlines in the other, so both kinds of event of SPEC 5 occur in every world of some months.
"""

import math
from typing import Final

import numpy as np

from simulator.draws import Ints
from simulator.spec import WorldSpec

CAMPAIGN_DAYS: Final = 120
RISING_DAYS: Final = 18
EBB_DAYS: Final = 9
LAUNCH_LEVEL: Final = 0.3
LULL_LEVEL: Final = 0.08
YEAR: Final = (95, 70, 90, 96, 100, 112, 98, 97, 102, 104, 135, 120)
"""Per cent, January to December: the lunar new year is quiet, November is not."""
WEEK: Final = (92, 90, 93, 97, 108, 116, 104)
"""Per cent, Monday to Sunday."""


def expected_rows(spec: WorldSpec) -> Ints:
    """Expected rows of each day; their mean is `transactions_per_day`."""
    levels = np.array([_level(spec, day) for day in range(spec.days)])
    rows: Ints = np.rint(levels / levels.mean() * spec.transactions_per_day).astype(np.int64)
    return rows


def _level(spec: WorldSpec, day: int) -> float:
    today = spec.date_of(day)
    season = YEAR[today.month - 1] * WEEK[today.weekday()]
    return _campaign(day) * math.exp(spec.daily_growth * day) * season


def _campaign(day: int) -> float:
    """From 0 to 1: where a day stands in its campaign."""
    start = LAUNCH_LEVEL if day < CAMPAIGN_DAYS else LULL_LEVEL
    phase = day % CAMPAIGN_DAYS
    if phase < RISING_DAYS:
        return float(start ** (1 - phase / RISING_DAYS))
    return LULL_LEVEL + (1 - LULL_LEVEL) * math.exp((RISING_DAYS - phase) / EBB_DAYS)
