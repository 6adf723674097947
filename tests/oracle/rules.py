"""The rulebook as integers (SPEC 11), and which version holds when (SPEC 1)."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.oracle.units import PICO, OracleRefusal, end_of


@dataclass(frozen=True)
class PoolRule:
    name: str
    holder: str
    launch: int
    growth_target: int
    earliest_day: int
    deadline_day: int
    baseline: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    code: str
    commission: int
    mentoring: int
    fixed_subsidy: int
    bonus_subsidy: int
    promotion: tuple[int, int, int] | None  # monthly_points, months, single_month_points
    assessment: tuple[int, int] | None  # monthly_points, misses


@dataclass(frozen=True)
class Rules:
    """One version. Amounts in hundredths, rates in 10^-12; the TOML's names."""

    effective_from: datetime
    late_days: int
    quarantine_limit: Fraction
    quarantine_min_rows: int
    concession_min: int
    concession_max: int
    points_per_yuan: int
    voucher_spend: str
    member_coins_per_yuan: int
    merchant_coins_per_yuan: int
    pools: tuple[PoolRule, ...]
    first_rate: int
    ceiling: int
    max_payouts: int
    funding_share: int
    on_shortfall: str
    binding_rate: int
    rebind: bool
    own_store: bool
    referral_rate: int
    referral_days: int
    levels: tuple[Level, ...]
    full_at: int
    below: str
    tiers: dict[int, int]  # digits of the prefix -> rate

    def pool(self, name: str) -> PoolRule:
        return next(pool for pool in self.pools if pool.name == name)

    def pool_of(self, holder: str, region: str) -> str:
        """The pool of that holder kind with the longest prefix matching the region."""
        fits = [
            (len(prefix), pool.name)
            for pool in self.pools
            if pool.holder == holder
            for prefix in (pool.regions or ("",))
            if region.startswith(prefix)
        ]
        return max(fits)[1]


class Rulebook:
    def __init__(self, versions: list[Rules]) -> None:
        self.versions = sorted(versions, key=lambda rules: rules.effective_from)

    def at(self, moment: datetime) -> Rules:
        """The version in force at a moment; before the first one, the first."""
        return next((r for r in reversed(self.versions) if r.effective_from <= moment), self.versions[0])

    def on(self, day: date) -> Rules:
        """The version in force at the end of a business date."""
        for rules in reversed(self.versions):
            if rules.effective_from < end_of(day):
                return rules
        raise OracleRefusal(10, f"{day} is before the first rulebook version")

    def level_codes(self) -> set[str]:
        return {level.code for rules in self.versions for level in rules.levels}


def load_rulebook(path: Path) -> Rulebook:
    with path.open("rb") as file:
        return Rulebook([_version(raw) for raw in tomllib.load(file)["rules"]])


def _fen(text: str) -> int:
    return int(Decimal(text).scaleb(2))


def _pico(text: str) -> int:
    return int(Fraction(text) * PICO)


def _version(raw: dict[str, Any]) -> Rules:
    intake, earning, dividend = raw["intake"], raw["earning"], raw["dividend"]
    return Rules(
        effective_from=raw["effective_from"].astimezone(UTC),
        late_days=intake["late_days"],
        quarantine_limit=Fraction(intake["quarantine_limit"]),
        quarantine_min_rows=intake["quarantine_min_rows"],
        concession_min=_pico(earning["concession_min"]),
        concession_max=_pico(earning["concession_max"]),
        points_per_yuan=_pico(earning["points_per_yuan"]),
        voucher_spend=earning["voucher_spend"],
        member_coins_per_yuan=_pico(earning["member_coins_per_yuan"]),
        merchant_coins_per_yuan=_pico(earning["merchant_coins_per_yuan"]),
        pools=tuple(_pool(pool) for pool in raw["pools"]),
        first_rate=_pico(dividend["first_rate"]),
        ceiling=_pico(dividend["ceiling"]),
        max_payouts=dividend["max_payouts"],
        funding_share=_pico(dividend["funding_share"]),
        on_shortfall=dividend["on_shortfall"],
        binding_rate=_pico(raw["binding"]["rate"]),
        rebind=raw["binding"]["rebind"],
        own_store=raw["binding"]["own_store"],
        referral_rate=_pico(raw["referral"]["rate"]),
        referral_days=raw["referral"]["days"],
        levels=tuple(_level(level) for level in raw["promoter_levels"]),
        full_at=_fen(raw["mentoring"]["full_at"]),
        below=raw["mentoring"]["below"],
        tiers={digits: _pico(raw["agents"][tier]) for digits, tier in ((2, "province"), (4, "city"), (6, "county"))},
    )


def _pool(raw: dict[str, Any]) -> PoolRule:
    return PoolRule(
        name=raw["name"],
        holder=raw["holder"],
        launch=_fen(raw["launch"]),
        growth_target=_pico(raw["growth_target"]),
        earliest_day=raw["earliest_day"],
        deadline_day=raw["deadline_day"],
        baseline=raw["baseline"],
        regions=tuple(raw["regions"]),
    )


def _level(raw: dict[str, Any]) -> Level:
    promotion, assessment = raw.get("promotion"), raw.get("assessment")
    return Level(
        code=raw["code"],
        commission=_pico(raw["commission"]),
        mentoring=_pico(raw["mentoring"]),
        fixed_subsidy=_fen(raw["fixed_subsidy"]),
        bonus_subsidy=_fen(raw["bonus_subsidy"]),
        promotion=promotion
        and (_fen(promotion["monthly_points"]), promotion["months"], _fen(promotion["single_month_points"])),
        assessment=assessment and (_fen(assessment["monthly_points"]), assessment["misses"]),
    )
