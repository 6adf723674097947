"""Dividends, clawbacks and retirement (SPEC 6). Every product exact, in integers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.ledger import Ledger
from tests.oracle.pools import Cohort, Event, Pool, Touched, close_cohort, event_today, next_baseline
from tests.oracle.rules import PoolRule, Rules
from tests.oracle.units import PICO, toward_zero

RateRow = tuple[str, int, int, int, int, int]  # pool, cohort, event, payout, rate, cumulative rate


@dataclass
class Fund:
    """What the budget of an event looks at, over all pools."""

    concessions: int = 0
    dividends: int = 0
    rates: list[RateRow] = field(default_factory=list)

    def budget(self, rules: Rules) -> int:
        return max(0, toward_zero(rules.funding_share * self.concessions) - self.dividends)


def claw_back(pool: Pool, touched: Touched, fund: Fund, ledger: Ledger) -> None:
    """Refunds of points in closed cohorts, netted per holder and cohort over the day."""
    for (number, holder), change in touched.items():
        cohort = pool.cohorts[number - 1]
        before = cohort.points[holder]
        after = before + change
        cohort.points[holder] = after
        amount = after * cohort.cumulative // PICO - before * cohort.cumulative // PICO
        fund.dividends += amount
        ledger.add(pool.holder, holder, "voucher", "dividend_clawback", amount, pool=pool.name)
        if cohort.retired:
            ledger.add(pool.holder, holder, "points", "points_retired", -change, pool=pool.name)


def hold_event(pool: Pool, rules: Rules, day: date, fund: Fund, ledger: Ledger) -> Event | None:
    """The pool's event of the day, if any: closes a cohort, pays all live ones, retires."""
    rule = rules.pool(pool.name)
    event = event_today(pool, rule, day)
    if event is None:
        return None
    close_cohort(pool, rules)
    pool.events.append(event)
    live = [cohort for cohort in pool.cohorts if not cohort.retired]
    for cohort in live:
        if cohort.number < event.number:
            cohort.rate = _grown(cohort.rate, event, rule)
    wanted = [min(cohort.ceiling, cohort.cumulative + cohort.rate) - cohort.cumulative for cohort in live]
    need = sum(cohort.total * increment for cohort, increment in zip(live, wanted, strict=True))
    budget = fund.budget(rules)
    event.shortfall = max(0, need // PICO - budget)
    if event.shortfall and rules.on_shortfall == "scale":
        wanted = [increment * budget * PICO // need for increment in wanted]
    increments = list(zip(live, wanted, strict=True))
    _pay(pool, event, increments, fund, ledger)
    for cohort in live:
        _retire(pool, event, cohort, ledger)
    pool.baseline = next_baseline(rule, event)
    return event


def _grown(rate: int, event: Event, rule: PoolRule) -> int:
    if event.trigger == "growth":
        return rate * (PICO + rule.growth_target) // PICO
    return rate * max(event.baseline, event.value) // event.baseline


def _pay(pool: Pool, event: Event, increments: list[tuple[Cohort, int]], fund: Fund, ledger: Ledger) -> None:
    paid: Counter[int] = Counter()
    for cohort, increment in increments:
        before, cohort.cumulative = cohort.cumulative, cohort.cumulative + increment
        cohort.payouts += 1
        row = (pool.name, cohort.number, event.number, cohort.payouts, cohort.rate, cohort.cumulative)
        fund.rates.append(row)
        for holder, points in cohort.points.items():
            paid[holder] += points * cohort.cumulative // PICO - points * before // PICO
    for holder, amount in paid.items():
        ledger.add(pool.holder, holder, "voucher", "dividend", amount, pool=pool.name, value_date=event.value_date)
    event.holders = sum(1 for amount in paid.values() if amount)
    event.amount = sum(paid.values())
    fund.dividends += event.amount


def _retire(pool: Pool, event: Event, cohort: Cohort, ledger: Ledger) -> None:
    if cohort.cumulative < cohort.ceiling and cohort.payouts < cohort.max_payouts:
        return
    cohort.retired = True
    for holder, points in cohort.points.items():
        ledger.add(
            pool.holder,
            holder,
            "points",
            "points_retired",
            -points,
            pool=pool.name,
            value_date=event.value_date,
        )
