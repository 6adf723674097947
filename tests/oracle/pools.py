"""Pools: lots, inflow, value, cohorts, and on which day an event comes (SPEC 5)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.oracle.earning import Transaction
from tests.oracle.rules import PoolRule, Rules
from tests.oracle.units import PICO


@dataclass
class Cohort:
    """Lots closed together. Rates in 10^-12, points in hundredths per holder (net of refunds)."""

    number: int
    rate: int
    ceiling: int
    max_payouts: int
    points: Counter[int]
    cumulative: int = 0
    payouts: int = 0
    retired: bool = False

    @property
    def total(self) -> int:
        return sum(self.points.values())


@dataclass
class Event:
    number: int
    cutoff_date: date
    trigger: str
    baseline: int
    value: int
    growth: int
    holders: int = 0
    amount: int = 0
    shortfall: int = 0

    @property
    def value_date(self) -> date:
        return self.cutoff_date + timedelta(days=1)


@dataclass
class Pool:
    name: str
    holder: str
    value: int = 0
    baseline: int = 0
    open_lots: Counter[int] = field(default_factory=Counter)
    cohorts: list[Cohort] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    days: list[tuple[date, int, int]] = field(default_factory=list)  # day, inflow, value

    def cohort_of(self, lot_date: date) -> Cohort | None:
        """The cohort that a lot has been closed into, if it has been."""
        for event, cohort in zip(self.events, self.cohorts, strict=True):
            if lot_date <= event.cutoff_date:
                return cohort
        return None


Touched = dict[tuple[int, int], int]  # cohort number, holder -> points taken back (negative)


def take_points(pool: Pool, day: date, transactions: list[Transaction]) -> Touched:
    """Feed the day's points; what fell on closed cohorts is returned, not yet applied."""
    inflow, touched = 0, Counter[tuple[int, int]]()
    for row in transactions:
        side = 0 if pool.holder == "member" else 1
        if row.pools[side] != pool.name:
            continue
        holder = (row.member_id, row.merchant_id)[side]
        inflow += row.earned.points
        cohort = pool.cohort_of(row.lot_date)
        if cohort is None:
            pool.open_lots[holder] += row.earned.points
        else:
            touched[cohort.number, holder] += row.earned.points
    pool.value += inflow
    pool.days.append((day, inflow, pool.value))
    return dict(touched)


def event_today(pool: Pool, rule: PoolRule, day: date) -> Event | None:
    """The event whose cut-off is today, if one is due."""
    if not pool.events:
        if pool.value < rule.launch:
            return None
        return Event(1, day, "launch", rule.launch, pool.value, 0)
    last, value_date = pool.events[-1], day + timedelta(days=1)
    number, baseline = last.number + 1, pool.baseline
    if day <= last.cutoff_date:
        return None
    waited = value_date - last.value_date
    reached = pool.value * PICO >= baseline * (PICO + rule.growth_target)
    if waited.days >= rule.earliest_day and reached:
        return Event(number, day, "growth", baseline, pool.value, rule.growth_target)
    if waited.days >= rule.deadline_day:
        growth = max(0, pool.value - baseline) * PICO // baseline
        return Event(number, day, "deadline", baseline, pool.value, growth)
    return None


def next_baseline(rule: PoolRule, event: Event) -> int:
    if event.trigger == "launch":
        return event.value if rule.baseline == "actual" else rule.launch
    if rule.baseline == "threshold" and event.trigger == "growth":
        return event.baseline * (PICO + rule.growth_target) // PICO
    return max(event.baseline, event.value)


def close_cohort(pool: Pool, rules: Rules) -> None:
    """Everything open becomes the next cohort, with today's rules for ever."""
    number = len(pool.cohorts) + 1
    closed = Cohort(number, rules.first_rate, rules.ceiling, rules.max_payouts, pool.open_lots)
    pool.cohorts.append(closed)
    pool.open_lots = Counter()
