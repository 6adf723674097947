"""What a cohort's points are worth (SPEC 6): rates, funding, retirement. Plain integers, one step an event.

With 15 % growth each time: 0.5 %, 1.075 %, 1.73625 % ... 440.5850779502 % after 35 payouts, 500 % after 36.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.rulebook import Dividend
from schemas.units import LARGEST_RATE, PICO
from transforms.pools.events import Event


@dataclass(frozen=True)
class Cohort:
    """A live cohort: what it was promised at its cut-off, and what it has had. Rates in pico, points in fen."""

    cohort_no: int
    ceiling_pico: int
    max_payouts: int
    payouts: int = 0
    rate_pico: int = 0
    cumulative_pico: int = 0

    @property
    def retired(self) -> bool:
        """Nothing more can be paid."""
        return self.cumulative_pico >= self.ceiling_pico or self.payouts >= self.max_payouts


@dataclass(frozen=True)
class Payout:
    """One cohort at one event: cumulative rates before and after, and the rate as if paid in full."""

    cohort_no: int
    payout_no: int
    rate_pico: int
    before_pico: int
    after_pico: int
    retires: bool


@dataclass(frozen=True)
class Funding:
    """Whether the event's need was covered. All in fen; `budget_fen` may be negative."""

    budget_fen: int
    need_fen: int
    shortfall_fen: int


def budget(dividend: Dividend, concession_fen: int, paid_fen: int) -> int:
    """trunc(funding_share x net concessions so far) - net dividends so far, in fen."""
    share = abs(concession_fen) * dividend.funding_share // PICO
    return (share if concession_fen >= 0 else -share) - paid_fen


def grown_rate(cohort: Cohort, event: Event, dividend: Dividend) -> int:
    """rate(k, j): the first rate, or the last one grown by the target (reached) or by value / baseline (deadline)."""
    if cohort.payouts == 0:
        return dividend.first_rate
    if event.trigger == "growth":
        return cohort.rate_pico * (PICO + event.pool.growth_target) // PICO
    return cohort.rate_pico * max(event.baseline_fen, event.value_fen) // event.baseline_fen


def pay(
    cohorts: Sequence[Cohort], points: Mapping[int, int], event: Event, dividend: Dividend, budget_fen: int
) -> tuple[list[Payout], Funding]:
    """Payouts of all live cohorts at an event. `points`: net fen of each cohort; `dividend`: rules at the cut-off."""
    # A rate beyond every ceiling changes no payment; it is held where a column can hold it.
    rates = [min(grown_rate(cohort, event, dividend), LARGEST_RATE) for cohort in cohorts]
    steps = [
        min(cohort.ceiling_pico, cohort.cumulative_pico + rate) - cohort.cumulative_pico
        for cohort, rate in zip(cohorts, rates, strict=True)
    ]
    need = sum(points.get(cohort.cohort_no, 0) * step for cohort, step in zip(cohorts, steps, strict=True))
    money = max(budget_fen, 0)
    funding = Funding(budget_fen, need // PICO, max(0, need // PICO - money))
    if funding.shortfall_fen and dividend.on_shortfall == "scale":
        steps = [step * money * PICO // need for step in steps]
    return [_payout(*row) for row in zip(cohorts, rates, steps, strict=True)], funding


def _payout(cohort: Cohort, rate: int, step: int) -> Payout:
    after = cohort.cumulative_pico + step
    number = cohort.payouts + 1
    retires = after >= cohort.ceiling_pico or number >= cohort.max_payouts
    return Payout(cohort.cohort_no, number, rate, cohort.cumulative_pico, after, retires)


def paid(cohort: Cohort, payout: Payout | None) -> Cohort:
    """The cohort after a payout; as it was without one."""
    if payout is None:
        return cohort
    return replace(cohort, payouts=payout.payout_no, rate_pico=payout.rate_pico, cumulative_pico=payout.after_pico)
