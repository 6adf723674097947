"""When a pool pays (SPEC 5): launch, growth and deadline events. One step a pool and day, on plain integers.

An event is decided on its cut-off date Q, the day whose run pays it; its value date is the day after.

A pool with baseline 1,000.00, target 15 %, that stands at 1,150.00 eleven days after its last event pays by growth;
at 1,149.99 it waits, until the thirty-first day pays by deadline with growth 0.14999.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from schemas.rulebook import Pool, Rulebook
from schemas.units import ONE_DAY, PICO


@dataclass(frozen=True)
class PoolState:
    """Where a pool stands: its value, and its last event (`event_no` 0: not launched)."""

    value_fen: int = 0
    event_no: int = 0
    last_value_date: date = date.min
    baseline_fen: int = 0


@dataclass(frozen=True)
class PoolDay:
    """A pool's value at the end of a day, and the event decided on it, if any."""

    pool: Pool
    business_date: date
    inflow_fen: int
    value_fen: int
    event: "Event | None"


@dataclass(frozen=True)
class Event:
    """One payout of a pool. `baseline_fen` is B before it (launch: the threshold), `next_baseline_fen` after it."""

    pool: Pool
    event_no: int
    cutoff_date: date
    trigger: str
    baseline_fen: int
    next_baseline_fen: int
    value_fen: int
    growth_pico: int

    @property
    def value_date(self) -> date:
        """The date its amounts count from."""
        return self.cutoff_date + ONE_DAY


def pool_days(
    states: Mapping[str, PoolState],
    inflows: Mapping[tuple[str, date], int],
    days: Iterable[date],
    rulebook: Rulebook,
) -> Iterator[PoolDay]:
    """Walk the days, pools in rulebook order. `states` of pools that exist, `inflows` by (pool, day) in fen."""
    current = dict(states)
    for day in days:
        for pool in rulebook.on(day).pools:
            state = current.get(pool.name, PoolState())
            inflow = inflows.get((pool.name, day), 0)
            state = replace(state, value_fen=state.value_fen + inflow)
            event = event_on(day, pool, state)
            current[pool.name] = after(state, event)
            yield PoolDay(pool, day, inflow, state.value_fen, event)


def after(state: PoolState, event: Event | None) -> PoolState:
    """The state once `event` has happened."""
    if event is None:
        return state
    return replace(
        state,
        event_no=event.event_no,
        last_value_date=event.value_date,
        baseline_fen=event.next_baseline_fen,
    )


def event_on(day: date, pool: Pool, state: PoolState) -> Event | None:
    """The event whose cut-off is `day`, under the rules at the end of it; `state` holds the day's value."""
    if state.event_no == 0:
        return _launch(day, pool, state) if state.value_fen >= pool.launch else None
    waited = (day + ONE_DAY - state.last_value_date).days
    if waited >= pool.earliest_day and _reached(pool, state):
        return _growth(day, pool, state)
    return _deadline(day, pool, state) if waited >= pool.deadline_day else None


def _reached(pool: Pool, state: PoolState) -> bool:
    return state.value_fen * PICO >= state.baseline_fen * (PICO + pool.growth_target)


def _launch(day: date, pool: Pool, state: PoolState) -> Event:
    baseline = state.value_fen if pool.baseline == "actual" else pool.launch
    return Event(pool, 1, day, "launch", pool.launch, baseline, state.value_fen, 0)


def _growth(day: date, pool: Pool, state: PoolState) -> Event:
    if pool.baseline == "actual":
        baseline = max(state.baseline_fen, state.value_fen)
    else:
        baseline = state.baseline_fen * (PICO + pool.growth_target) // PICO
    return _next(day, pool, state, "growth", baseline, pool.growth_target)


def _deadline(day: date, pool: Pool, state: PoolState) -> Event:
    grown = max(0, state.value_fen - state.baseline_fen) * PICO // state.baseline_fen
    return _next(day, pool, state, "deadline", max(state.baseline_fen, state.value_fen), grown)


def _next(day: date, pool: Pool, state: PoolState, trigger: str, baseline: int, growth: int) -> Event:
    return Event(pool, state.event_no + 1, day, trigger, state.baseline_fen, baseline, state.value_fen, growth)
