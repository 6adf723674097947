"""What the pools will do if so much business comes (SPEC 5, 6): the settlement's own rules, applied to whole cohorts.

A cohort is taken as one holder's, so an event may differ from what is settled by up to 0.01 a holder and cohort.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from schemas.rulebook import Dividend, Rules
from schemas.units import PICO
from transforms.books.solvency import remaining_ceiling
from transforms.pools.cohorts import Cohort, Funding, Payout, budget, paid, pay
from transforms.pools.events import Event, PoolState, after, event_on


@dataclass(frozen=True)
class Flow:
    """What comes in, net, in fen: concessions, and points by pool."""

    concession_fen: int
    points_fen: Mapping[str, int]


@dataclass(frozen=True)
class PoolOutlook:
    """A pool as it stands: its value and last event, its live cohorts with their points, its open lots. In fen."""

    state: PoolState = field(default_factory=PoolState)
    cohorts: tuple[Cohort, ...] = ()
    points: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    open_fen: int = 0

    def grown(self, points_fen: int) -> "PoolOutlook":
        """With a day's points: they move the value and the open lots."""
        state = replace(self.state, value_fen=self.state.value_fen + points_fen)
        return replace(self, state=state, open_fen=self.open_fen + points_fen)


@dataclass(frozen=True)
class Outlook:
    """All pools, and the sums that the dividend budget is made of: net concessions and net dividends, in fen."""

    pools: Mapping[str, PoolOutlook]
    concession_fen: int = 0
    dividends_fen: int = 0

    def remaining(self, ceiling_pico: int) -> int:
        """What holders can still get, in fen, rounded down per pool (SPEC 13)."""
        return sum(
            remaining_ceiling(pool.cohorts, pool.points, pool.open_fen, ceiling_pico) for pool in self.pools.values()
        )


@dataclass(frozen=True)
class Paid:
    """An event, what it pays each cohort and in all (fen), and whether the budget covered it."""

    event: Event
    payouts: tuple[Payout, ...]
    amount_fen: int
    funding: Funding


def next_day(outlook: Outlook, day: date, flow: Flow, rules: Rules) -> tuple[Outlook, list[Paid]]:
    """The outlook at the end of `day`, and its events in pool order; `rules`: in force at the end of the day."""
    concession, dividends = outlook.concession_fen + flow.concession_fen, outlook.dividends_fen
    pools, events = dict(outlook.pools), []
    for pool in rules.pools:
        today = pools.get(pool.name, PoolOutlook()).grown(flow.points_fen.get(pool.name, 0))
        event = event_on(day, pool, today.state)
        if event is not None:
            today, happened = _pay(today, event, rules.dividend, budget(rules.dividend, concession, dividends))
            dividends += happened.amount_fen
            events.append(happened)
        pools[pool.name] = today
    return Outlook(pools, concession, dividends), events


def _pay(pool: PoolOutlook, event: Event, dividend: Dividend, budget_fen: int) -> tuple[PoolOutlook, Paid]:
    """Close the event's cohort and pay all live ones; those that retire are live no more."""
    cohorts = (*pool.cohorts, Cohort(event.event_no, dividend.ceiling, dividend.max_payouts))
    points = {**pool.points, event.event_no: pool.open_fen}
    payouts, funding = pay(cohorts, points, event, dividend, budget_fen)
    moved = [paid(cohort, payout) for cohort, payout in zip(cohorts, payouts, strict=True)]
    live = tuple(cohort for cohort in moved if not cohort.retired)
    kept = {cohort.cohort_no: points[cohort.cohort_no] for cohort in live}
    happened = Paid(event, tuple(payouts), sum(amount(payout, points) for payout in payouts), funding)
    return PoolOutlook(after(pool.state, event), live, kept, 0), happened


def amount(payout: Payout, points: Mapping[int, int]) -> int:
    """What a payout gives to its cohort, taken as one holder, in fen."""
    held = points[payout.cohort_no]
    return held * payout.after_pico // PICO - held * payout.before_pico // PICO
