"""What a pool waits for (SPEC 5): the value that its next event asks for, and the days between which it will come.

A pool with baseline 1,000.00 and target 15 % that stands at 1,120.00 four days after its last event lacks 30.00; it can
pay by growth from the eleventh day on, and will pay by deadline on the thirty-first.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.rulebook import Pool
from schemas.units import PICO
from transforms.pools.events import PoolState


@dataclass(frozen=True)
class NextEvent:
    """`wanted_fen`: the pool value that triggers it, launch or growth; `missing_fen`: what is lacking, at least 0.

    `grown_pico`: growth since the baseline, rounded down, `earliest` and `deadline`: value dates. All three are None
    before the launch, which may come any day and has no deadline.
    """

    wanted_fen: int
    missing_fen: int
    grown_pico: int | None
    earliest: date | None
    deadline: date | None


def next_event(pool: Pool, state: PoolState, settled: date) -> NextEvent:
    """The next event of a pool that stands at `state` at the end of `settled`, under rules that stay as they are."""
    if state.event_no == 0:
        return NextEvent(pool.launch, max(pool.launch - state.value_fen, 0), None, None, None)
    wanted = -(-state.baseline_fen * (PICO + pool.growth_target) // PICO)
    # The next cut-off is the day after the last settled one, and its value date one day later still.
    soonest = settled + timedelta(days=2)
    return NextEvent(
        wanted_fen=wanted,
        missing_fen=max(wanted - state.value_fen, 0),
        grown_pico=(state.value_fen - state.baseline_fen) * PICO // state.baseline_fen,
        earliest=max(state.last_value_date + timedelta(days=pool.earliest_day), soonest),
        deadline=max(state.last_value_date + timedelta(days=pool.deadline_day), soonest),
    )
