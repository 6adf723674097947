"""One version of the rules, table by table, with the names of the file (SPEC 11).

Amounts are int fen, rates int pico. Where one value bounds another, the bound has to come first.
"""

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from schemas.rulebook.decimals import RATE_PLACES, decimal_text
from schemas.rulebook.ladder import Levels
from schemas.rulebook.pools import Pools
from schemas.rulebook.refusals import refused
from schemas.rulebook.table import Table
from schemas.rulebook.values import (
    Count,
    Days,
    Fen,
    Flag,
    Moment,
    PerYuan,
    Pico,
    PositiveCount,
    PositivePico,
    Share,
    one_of,
)

VoucherSpend = Literal["full", "cash", "none"]
OnShortfall = Literal["report", "scale"]
BelowFull = Literal["prorata", "capped"]


class Intake(Table):
    """How late a row may be, and which part of a day's rows may fail (SPEC 3)."""

    late_days: Days
    quarantine_limit: Share
    quarantine_min_rows: Count


class Earning(Table):
    """What a purchase earns (SPEC 4): bounds of the concession 让利, points and coins per yuan of it."""

    concession_min: Share
    concession_max: Share
    points_per_yuan: PerYuan
    voucher_spend: Annotated[VoucherSpend, one_of(VoucherSpend)]
    member_coins_per_yuan: PerYuan
    merchant_coins_per_yuan: PerYuan

    @field_validator("concession_max")
    @classmethod
    def _not_below_min(cls, highest: int, info: ValidationInfo) -> int:
        lowest = info.data.get("concession_min", highest)
        if highest < lowest:
            raise refused(f"at least concession_min, {decimal_text(lowest, RATE_PLACES)}")
        return highest


class Dividend(Table):
    """How a cohort is paid and funded (SPEC 6): rates and ceiling per point, payouts, funding per yuan."""

    first_rate: PositivePico
    ceiling: PositivePico
    max_payouts: PositiveCount
    funding_share: Pico
    on_shortfall: Annotated[OnShortfall, one_of(OnShortfall)]

    @field_validator("ceiling")
    @classmethod
    def _not_below_first_rate(cls, ceiling: int, info: ValidationInfo) -> int:
        first_rate = info.data.get("first_rate", ceiling)
        if ceiling < first_rate:
            raise refused(f"at least first_rate, {decimal_text(first_rate, RATE_PLACES)}")
        return ceiling


class Binding(Table):
    """What the merchant earns that a member is bound to 绑定 (SPEC 7)."""

    rate: Pico
    rebind: Flag
    own_store: Flag


class Referral(Table):
    """What a member's referrer earns, and for how many days after joining; 0 is without limit (SPEC 7)."""

    rate: Pico
    days: Days


class Mentoring(Table):
    """From which performance a mentor 辅导人 gets the full share, and what below it (SPEC 8).

    `full_at` is in fen of points and may be 0: then only a negative performance is below it.
    """

    full_at: Fen
    below: Annotated[BelowFull, one_of(BelowFull)]


class AgentTiers(Table):
    """The part of a region's concession that its agent 区域代理 earns, by the tier of the region (SPEC 9)."""

    province: Pico
    city: Pico
    county: Pico


class Rules(Table):
    """One version of the rules, in force from `effective_from` (UTC) until the next version's."""

    effective_from: Moment
    intake: Intake
    earning: Earning
    pools: Pools
    dividend: Dividend
    binding: Binding
    referral: Referral
    promoter_levels: Levels
    mentoring: Mentoring
    agents: AgentTiers
