"""What a sound rulebook may still have wrong: things worth a second look before money moves (SPEC 11).

None of them stops a run. Arithmetic is in integers of 10^-24, so that equality is equality.
"""

from collections.abc import Callable, Iterator
from datetime import time
from fractions import Fraction
from itertools import pairwise
from typing import Final

from schemas.rulebook.book import Rulebook, business_time
from schemas.rulebook.decimals import AMOUNT_PLACES, RATE_PLACES, decimal_text
from schemas.rulebook.model import Rules
from schemas.rulebook.values import BUSINESS_ZONE
from schemas.units import PICO
from transforms.rulebook_check.costs import FINE, paid_per_yuan
from transforms.rulebook_check.steady import six_places, steady_needs

LARGEST_SHOWN_RATE: Final = 10**18
"""Pico beyond which DECIMAL(18,12) cannot show a rate."""
MOST_STEPS: Final = 10_000


def _payments(rules: Rules) -> Iterator[str]:
    paid = paid_per_yuan(rules)
    if paid > FINE:
        yield (
            f"payments can exceed the concession: {decimal_text(paid, 2 * RATE_PLACES)} yuan for each of it "
            "(funding_share + points_per_yuan x (binding + referral + the highest commission + mentoring) "
            "+ the agent tiers)"
        )


def _dividends(rules: Rules) -> Iterator[str]:
    """SPEC 6's budget against what steady growth needs; `on_shortfall` says what happens then, not whether it does."""
    share = Fraction(rules.dividend.funding_share, PICO)
    above = [f"{six_places(need)} at {percent} %" for percent, need in steady_needs(rules).items() if need > share]
    if above:
        yield (
            f"dividends need more than funding_share, {six_places(share)} of the concession, "
            f"at steady growth a period: {', '.join(above)}"
        )


def _promotions(rules: Rules) -> Iterator[str]:
    *lower, top = rules.promoter_levels
    if top.promotion:
        yield f'promoter_levels[{top.code}].promotion can never happen: no level stands above "{top.code}"'
    for level, above in pairwise([*lower, top]):
        if level.promotion is None:
            yield f'nobody is promoted to "{above.code}": promoter_levels[{level.code}] has no promotion'
    for level in lower:
        if level.promotion and level.promotion.single_month_points <= level.promotion.monthly_points:
            points = decimal_text(level.promotion.single_month_points, AMOUNT_PLACES)
            yield (
                f"promoter_levels[{level.code}].promotion.months has no effect: "
                f"a single month of {points} points promotes already"
            )


def _assessments(rules: Rules) -> Iterator[str]:
    lowest = rules.promoter_levels[0]
    if lowest.assessment and not lowest.bonus_subsidy:
        yield (
            f"promoter_levels[{lowest.code}].assessment has no effect: "
            "no level stands below, and no bonus_subsidy depends on it"
        )


def _rates(first_rate: int, growth: int, payouts: int) -> Iterator[int]:
    """The rate of each payout in pico, growth reached each time; no more than MOST_STEPS of them."""
    rate = first_rate
    for _ in range(min(payouts, MOST_STEPS)):
        yield rate
        rate = rate * (PICO + growth) // PICO


def _ceilings(rules: Rules) -> Iterator[str]:
    dividend = rules.dividend
    if dividend.max_payouts > MOST_STEPS:
        return
    for pool in rules.pools:
        total = 0
        for rate in _rates(dividend.first_rate, pool.growth_target, dividend.max_payouts):
            total += rate
            if total >= dividend.ceiling:
                break
        else:
            yield (
                f"pools[{pool.name}] never reaches the ceiling: "
                f"{dividend.max_payouts} payouts add up to {decimal_text(total, RATE_PLACES)} at most, "
                f"not {decimal_text(dividend.ceiling, RATE_PLACES)}"
            )


def _deferred_rates(rules: Rules) -> Iterator[str]:
    """Scaled payouts keep a cohort below its ceiling while its rate goes on growing (SPEC 6)."""
    dividend = rules.dividend
    if dividend.on_shortfall != "scale":
        return
    for pool in rules.pools:
        rates = _rates(dividend.first_rate, pool.growth_target, dividend.max_payouts)
        if payout := next((n for n, rate in enumerate(rates, 1) if rate >= LARGEST_SHOWN_RATE), 0):
            yield (
                f"pools[{pool.name}]: a rate that is scaled down can grow past 999999 by payout {payout}, "
                "more than the warehouse can show: lower growth_target or max_payouts"
            )


def _start_of_day(rules: Rules) -> Iterator[str]:
    begins = rules.effective_from.astimezone(BUSINESS_ZONE)
    if begins.time() != time.min:
        yield (
            f"effective_from lies within {begins.date()} in Shanghai: what is judged at the end of the date "
            "goes by these rules all that day, what is judged at a moment only from then on"
        )


CHECKS: Final[tuple[Callable[[Rules], Iterator[str]], ...]] = (
    _payments,
    _dividends,
    _promotions,
    _assessments,
    _ceilings,
    _deferred_rates,
    _start_of_day,
)


def warnings(rulebook: Rulebook) -> list[str]:
    """One line per remark, version by version, each beginning with the version's effective_from."""
    return [
        f"rules[{business_time(rules.effective_from)}]: {remark}"
        for rules in rulebook.versions
        for check in CHECKS
        for remark in check(rules)
    ]
