"""What a pool waits for agrees with what the pool then does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.rulebook import SHIPPED, Pool, load_rulebook
from transforms.pools.events import PoolState, event_on
from transforms.pools.next_event import next_event

DAY = date(2025, 3, 4)
POOL = load_rulebook(SHIPPED).versions[0].pools[0]
STATE = PoolState(value_fen=112_000_000, event_no=3, last_value_date=date(2025, 3, 1), baseline_fen=100_000_001)


def cutoffs(pool: Pool, state: PoolState) -> list[date]:
    """The days after DAY on which the pool would pay if it stayed as it is."""
    days = (DAY + timedelta(days=number) for number in range(1, 60))
    return [day for day in days if event_on(day, pool, state)]


def test_before_the_launch_it_waits_for_the_threshold() -> None:
    waiting = next_event(POOL, PoolState(value_fen=99_999_999), DAY)
    assert (waiting.wanted_fen, waiting.missing_fen) == (POOL.launch, 1)
    assert (waiting.grown_pico, waiting.earliest, waiting.deadline) == (None, None, None)


def test_the_value_it_asks_for_is_the_least_that_pays_by_growth() -> None:
    waiting = next_event(POOL, STATE, DAY)
    assert waiting.wanted_fen == STATE.value_fen + waiting.missing_fen == 115_000_002
    assert waiting.grown_pico == (STATE.value_fen - STATE.baseline_fen) * 10**12 // STATE.baseline_fen
    enough, short = (replace(STATE, value_fen=waiting.wanted_fen - less) for less in (0, 1))
    one_day = timedelta(days=1)
    assert waiting.earliest is not None
    assert waiting.deadline is not None
    assert cutoffs(POOL, enough)[0] == waiting.earliest - one_day
    assert cutoffs(POOL, short)[0] == waiting.deadline - one_day


@pytest.mark.parametrize("since", [40, 12])
def test_what_is_overdue_comes_with_the_next_night(since: int) -> None:
    """A rulebook that has shortened the waiting; a pool whose earliest day has passed."""
    state = replace(STATE, last_value_date=DAY - timedelta(days=since), value_fen=120_000_000)
    waiting = next_event(POOL, state, DAY)
    assert waiting.missing_fen == 0
    assert waiting.earliest == cutoffs(POOL, state)[0] + timedelta(days=1) == DAY + timedelta(days=2)
