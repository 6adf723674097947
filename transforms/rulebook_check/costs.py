"""What one yuan of concession can cost beside its dividends, at the most (SPEC 7, 8, 9, 11). Integers of 10^-24.

The shipped rules: 0.10 for binding and referral, 0.07 for promoters and 0.10 for agents.
"""

from typing import Final

from schemas.rulebook.model import Rules
from schemas.units import PICO

FINE: Final = PICO * PICO
"""One, in the unit of a product of two rates."""


def paid_per_yuan(rules: Rules) -> int:
    """The most that one yuan of concession can cost, in 10^-24 yuan: SPEC 11's sum."""
    return rules.dividend.funding_share * PICO + rewards(rules) + commissions(rules)


def rewards(rules: Rules) -> int:
    """Binding and referral, paid in vouchers."""
    return rules.earning.points_per_yuan * (rules.binding.rate + rules.referral.rate)


def commissions(rules: Rules) -> int:
    """Promoters and agents, paid in cash, their fixed subsidies aside.

    The highest commission and the highest mentoring rate may stand on two levels: a purchase can pay both.
    """
    levels = rules.promoter_levels
    promoters = max(level.commission for level in levels) + max(level.mentoring for level in levels)
    agents = rules.agents.province + rules.agents.city + rules.agents.county
    return rules.earning.points_per_yuan * promoters + agents * PICO


def rewards_per_yuan(rules: Rules) -> int:
    """`rewards` in pico, rounded up."""
    return -(-rewards(rules) // PICO)


def commissions_per_yuan(rules: Rules) -> int:
    """`commissions` in pico, rounded up."""
    return -(-commissions(rules) // PICO)
