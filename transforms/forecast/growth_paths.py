"""How business may go on: growth paths 增长情景, and the business that each of them brings, day by day.

A path grows once a period, and spreads a period evenly over its days. Growth is of the new points (this period's are
so much more than the last one's) or of the pools (this period adds so much of what they hold).

New points of 1,000.00 a period and a pool of 20,000.00, at 5 %: the period brings 1,050.00 if growth is of the new
points, 1,000.00 if it is of the pool.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

from schemas.units import PICO
from transforms.forecast.pools import Flow

GrowthOf = Literal["new-points", "pool"]


@dataclass(frozen=True)
class Phase:
    """A growth a period in pico (None: no new points at all), for a number of periods (None: for ever)."""

    growth_pico: int | None
    periods: int | None = None


@dataclass(frozen=True)
class Path:
    """Phases one after another; the last one lasts."""

    name: str
    phases: tuple[Phase, ...]

    def growth(self, period: int) -> int | None:
        """The growth of a period, counted from 1."""
        for phase in self.phases[:-1]:
            if phase.periods is None or period <= phase.periods:
                return phase.growth_pico
            period -= phase.periods
        return self.phases[-1].growth_pico


def daily_flows(path: Path, growth_of: GrowthOf, last: Flow, stock: Flow, period_days: int) -> Iterator[Flow]:
    """The business of each day to come, without end. `last`: of the period before; `stock`: all there has ever been."""
    for period in count(1):
        last = _period(path.growth(period), growth_of, last, stock)
        stock = Flow(
            stock.concession_fen + last.concession_fen,
            {pool: stock.points_fen.get(pool, 0) + points for pool, points in last.points_fen.items()},
        )
        for day in range(period_days):
            yield _part(last, day, period_days)


def _period(growth_pico: int | None, growth_of: GrowthOf, last: Flow, stock: Flow) -> Flow:
    if growth_pico is None:
        return _times(last, 0)
    return _times(stock, growth_pico) if growth_of == "pool" else _times(last, PICO + growth_pico)


def _times(flow: Flow, factor_pico: int) -> Flow:
    """Rounded up, so that a pool which is to grow by its target does reach it."""
    points = {pool: -(-fen * factor_pico // PICO) for pool, fen in flow.points_fen.items()}
    return Flow(-(-flow.concession_fen * factor_pico // PICO), points)


def _part(flow: Flow, day: int, days: int) -> Flow:
    """The share of one day among `days`; the shares add up to the period."""

    def share(fen: int) -> int:
        return fen * (day + 1) // days - fen * day // days

    return Flow(share(flow.concession_fen), {pool: share(fen) for pool, fen in flow.points_fen.items()})
