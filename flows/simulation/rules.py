"""The world's rulebook: the shipped rules, the thresholds of pools and ladder scaled to the world's size."""

from datetime import timedelta
from typing import Final

from flows.simulation.world import World

DAYS_OF_A_MONTH: Final = 30
NET_OF_REFUNDS_PERCENT: Final = 97
SHIPPED_MONTHLY_POINTS: Final = 30_000
"""The ladder's measure in the shipped rules; every other threshold and subsidy keeps its proportion to it."""

TEMPLATE: Final = """\
# The shipped rules with thresholds scaled to a simulated world.
[[rules]]
effective_from = {effective_from}T00:00:00+08:00
[rules.intake]
late_days = 30
quarantine_limit = "0.02"
quarantine_min_rows = 100
[rules.earning]
concession_min = "0.03"
concession_max = "0.20"
points_per_yuan = "1"
voucher_spend = "full"
member_coins_per_yuan = "5"
merchant_coins_per_yuan = "0"
[[rules.pools]]
name = "consumer"
holder = "member"
launch = "{consumer_launch}"
growth_target = "0.15"
earliest_day = 11
deadline_day = 31
baseline = "actual"
regions = []
[[rules.pools]]
name = "merchant"
holder = "merchant"
launch = "{merchant_launch}"
growth_target = "0.15"
earliest_day = 10
deadline_day = 31
baseline = "actual"
regions = []
[rules.dividend]
first_rate = "0.005"
ceiling = "5"
max_payouts = 40
funding_share = "0.40"
on_shortfall = "report"
[rules.binding]
rate = "0.05"
rebind = false
own_store = true
[rules.referral]
rate = "0.05"
days = 0
[[rules.promoter_levels]]
code = "junior"
title = "初级商务"
commission = "0.06"
mentoring = "0.01"
fixed_subsidy = "0"
bonus_subsidy = "0"
promotion = {{ monthly_points = "{monthly_points}", months = 3, single_month_points = "{single_month}" }}
[[rules.promoter_levels]]
code = "trainee"
title = "见习商务专员"
commission = "0.05"
mentoring = "0.01"
fixed_subsidy = "{fixed_subsidy}"
bonus_subsidy = "{bonus_subsidy}"
assessment = {{ monthly_points = "{monthly_points}", misses = 2 }}
[rules.mentoring]
full_at = "{full_at}"
below = "prorata"
[rules.agents]
province = "0.02"
city = "0.03"
county = "0.05"
"""


def rulebook(world: World) -> str:
    """The rulebook of a world (SPEC 11), in force from a year before its first day."""
    consumer, merchant = (world.points_before_fen(day) for day in world.launch_days)
    mean_month = world.points_before_fen(world.spec.days) * DAYS_OF_A_MONTH // world.spec.days
    monthly = _yuan(mean_month // world.spec.promoter_count)
    return TEMPLATE.format(
        effective_from=(world.spec.first_day - timedelta(days=365)).isoformat(),
        consumer_launch=_yuan(consumer * NET_OF_REFUNDS_PERCENT // 100),
        merchant_launch=_yuan(merchant * NET_OF_REFUNDS_PERCENT // 100),
        monthly_points=monthly,
        single_month=_scaled(100_000, monthly),
        fixed_subsidy=_scaled(2_400, monthly),
        bonus_subsidy=_scaled(1_600, monthly),
        full_at=_scaled(10_000, monthly),
    )


def _yuan(fen: int) -> int:
    """Whole yuan, at least 1, cut to two figures as thresholds are."""
    yuan = max(1, fen // 100)
    step = int(10 ** max(0, len(str(yuan)) - 2))
    return yuan // step * step


def _scaled(shipped: int, monthly: int) -> int:
    """A shipped threshold in the proportion of the monthly points; at least 1."""
    return max(1, shipped * monthly // SHIPPED_MONTHLY_POINTS)
