"""What dividends take of the concession while a pool grows at a steady pace (SPEC 5, 6). Exact fractions.

With growth g a period, the cohort that closed n periods ago has the points of today's, divided by (1 + g)^n, and gets
the rate of its payout n + 1. The shipped rules at 15 %: 35 payouts of 0.005 for each point of today's, and 0.0045 of
the 36th, which the ceiling cuts; twice, for members and merchants: 0.3589. At 10 or 5 %: 40 payouts of 0.005, twice:
0.4000. At 0 % this is the limit, each cohort's 40 payouts of its first rate.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from schemas.rulebook.decimals import decimal_text
from schemas.rulebook.model import Dividend, Rules
from schemas.rulebook.pools import HolderKind, Pool
from schemas.units import PICO

MOST_STEPS: Final = 10_000
"""Payouts that are looked at; with growth, later ones add nothing that could be seen."""
STEADY_PERCENT: Final = (15, 10, 5, 0)
"""Growth a period at which dividends are held against their budget."""


def steady_needs(rules: Rules) -> dict[int, Fraction]:
    """`steady_dividends` at each growth of STEADY_PERCENT."""
    return {percent: steady_dividends(rules, percent * PICO // 100) for percent in STEADY_PERCENT}


def six_places(part: Fraction) -> str:
    """A part as a decimal, rounded up, so that what is above a limit looks so: `0.358923`."""
    return decimal_text(-(-part.numerator * 10**6 // part.denominator), 6)


def steady_dividends(rules: Rules, growth_pico: int) -> Fraction:
    """Dividends of a period as a part of its concession; of several pools of a kind, the one that takes most."""
    kinds: tuple[HolderKind, ...] = ("member", "merchant")
    parts = (
        max(_part(rules.dividend, pool, growth_pico) for pool in rules.pools if pool.holder == kind) for kind in kinds
    )
    return Fraction(rules.earning.points_per_yuan, PICO) * sum(parts)


def promised(rules: Rules) -> Fraction:
    """What the ceiling promises for one yuan of concession: members and merchants each get the points."""
    return 2 * Fraction(rules.earning.points_per_yuan, PICO) * Fraction(rules.dividend.ceiling, PICO)


def _part(dividend: Dividend, pool: Pool, growth_pico: int) -> Fraction:
    """Payments per point of a period's new points."""
    if growth_pico == 0:
        return Fraction(min(dividend.ceiling, dividend.first_rate * dividend.max_payouts), PICO)
    shrinks = Fraction(PICO, PICO + growth_pico)
    total, weight = 0, 1
    # Numerators over shrinks.denominator^payouts: one reduction at the end instead of one a step.
    payouts = 0
    for step in _steps(dividend, min(growth_pico, pool.growth_target)):
        total = total * shrinks.denominator + step * weight
        weight *= shrinks.numerator
        payouts += 1
    return Fraction(total, PICO * shrinks.denominator ** (payouts - 1))


def _steps(dividend: Dividend, growth_pico: int) -> Iterator[int]:
    """What each payout gives a point, in pico, until the ceiling."""
    rate, cumulative = dividend.first_rate, 0
    for _ in range(min(dividend.max_payouts, MOST_STEPS)):
        step = min(rate, dividend.ceiling - cumulative)
        yield step
        cumulative += step
        if cumulative == dividend.ceiling:
            return
        rate = rate * (PICO + growth_pico) // PICO
