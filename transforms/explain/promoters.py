"""A promoter's month (SPEC 8): commission, mentoring, subsidies. Performance is summed anew from the month's rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from schemas.rulebook import Level, Rulebook, Rules
from schemas.tables import ID
from transforms.explain.model import Amount, Explanation, Facts, Rule, rules_on
from transforms.months.ladder import level_terms
from transforms.months.mentoring import mentors_on, shares
from transforms.months.promoters import KINDS, promoter_month

__all__ = ["KINDS", "PromoterMonth", "explain_promoter_month"]
ROUNDING: Final = {
    "commission": "R2: rounded toward zero to 0.01",
    "mentoring": "R2: each mentee's whole and the mentor's share of it are rounded toward zero, each by itself",
    "fixed_subsidy": "none: as the level pays it",
    "bonus_subsidy": "none: as the level pays it",
}


@dataclass(frozen=True, eq=False)
class PromoterMonth:
    """What a month of one promoter is explained from.

    `sales`: merchant_id, rows, points_fen of the month's booked rows that carry the promoter; `others`: PROMOTER_MONTHS
    of the month; `before`: of the month before; `promoters`: as in `Reference`.
    """

    month_end: date
    promoter_id: int
    sales: pl.DataFrame
    others: pl.DataFrame
    before: pl.DataFrame
    promoters: pl.DataFrame

    def computed(self, rules: Rules) -> pl.DataFrame:
        """PROMOTER_MONTHS once more: the promoter's own performance from the sales, the others' as stored."""
        others = self.others.filter(pl.col("promoter_id") != self.promoter_id)
        own = self.sales.select(pl.lit(self.promoter_id, ID).alias("promoter_id"), "points_fen")
        performance = pl.concat([others.select("promoter_id", points_fen="performance_fen"), own])
        return promoter_month(self.month_end, performance, self.promoters, self.before, rules)


def explain_promoter_month(
    amounts: Sequence[Amount], month: PromoterMonth, rulebook: Rulebook
) -> Iterator[Explanation]:
    """Amounts of KINDS that one promoter got for one month."""
    rules = rulebook.on(month.month_end)
    computed = month.computed(rules)
    row = next(computed.filter(pl.col("promoter_id") == month.promoter_id).iter_rows(named=True), None)
    for amount in amounts:
        if row is None:
            yield Explanation(amount, (), ROUNDING[amount.kind])
        else:
            parts = _mentoring(month, computed, rules) if amount.kind == "mentoring" else _own(amount.kind, row, rules)
            used = _rules(amount, row["level"], month.month_end, rulebook)
            # The rows of the performance are told once, with what is reckoned on all of them.
            sales = month.sales.sort("merchant_id") if amount.kind == "commission" else month.sales.clear()
            inputs = tuple(sales.iter_rows(named=True))
            yield Explanation(amount, parts, ROUNDING[amount.kind], used, _facts(row, month, rules), inputs)


def _level(code: str, rules: Rules) -> Level:
    return next(level for level in rules.promoter_levels if level.code == code)


def _own(kind: str, row: Mapping[str, Any], rules: Rules) -> tuple[Facts, ...]:
    fen = row[f"{kind}_fen"]
    if fen == 0:
        return ()
    level = _level(row["level"], rules)
    facts: dict[str, Any] = {"level": level.code}
    if kind == "commission":
        facts |= {"performance_fen": row["performance_fen"], "rate_pico": level.commission}
    if kind == "bonus_subsidy":
        goal = level.assessment.monthly_points if level.assessment else None
        facts |= {"performance_fen": row["performance_fen"], "assessment_fen": goal}
    return ({**facts, "amount_fen": fen},)


def _mentoring(month: PromoterMonth, computed: pl.DataFrame, rules: Rules) -> tuple[Facts, ...]:
    """Shares of the promoter's own mentees, and rests that the mentors below could not get."""
    terms = level_terms(rules).select("level", "mentoring_pico")
    rows = computed.select("promoter_id", "performance_fen", "level").join(terms, on="level")
    found = shares(rows, mentors_on(month.month_end, month.promoters), rules.mentoring).sort("promoter_id")
    parts = [
        {
            "part": part,
            "mentee_id": row["promoter_id"],
            "mentee_performance_fen": row["mentee_fen"],
            "mentor_id": row["mentor_id"],
            "mentor_performance_fen": row["mentor_fen"],
            "rate_pico": row["mentoring_pico"],
            "whole_fen": row["whole_fen"],
            "share_fen": row["share_fen"],
            "full_at_fen": rules.mentoring.full_at,
            "below": rules.mentoring.below,
            "amount_fen": row[f"{part}_fen"],
        }
        for part, earner in (("share", "mentor_id"), ("rest", "above_id"))
        for row in found.filter(pl.col(earner) == month.promoter_id).iter_rows(named=True)
    ]
    return tuple(part for part in parts if part["amount_fen"])


def _facts(row: Mapping[str, Any], month: PromoterMonth, rules: Rules) -> dict[str, Any]:
    old = next(month.before.filter(pl.col("promoter_id") == month.promoter_id).iter_rows(named=True), {})
    return {
        "month": row["month"],
        "level": row["level"],
        "level_title": _level(row["level"], rules).title,
        "performance_fen": row["performance_fen"],
        "promotion_streak_before": old.get("promotion_streak", 0),
        "miss_streak_before": old.get("miss_streak", 0),
        "promotion_streak": row["promotion_streak"],
        "miss_streak": row["miss_streak"],
        "next_level": row["next_level"],
    }


def _rules(amount: Amount, level: str, day: date, rulebook: Rulebook) -> tuple[Rule, ...]:
    of_level = rules_on([day], rulebook, f"promoter_levels.{level}", lambda rules: _level(level, rules))
    if amount.kind != "mentoring":
        return of_level
    return *of_level, *rules_on([day], rulebook, "mentoring", lambda rules: rules.mentoring)
