"""Promoters, by calendar month, in the run of the month's last day (SPEC 8)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tests.oracle.earning import Transaction
from tests.oracle.ledger import Ledger
from tests.oracle.reference import Reference
from tests.oracle.rules import Level, Rules
from tests.oracle.units import toward_zero


@dataclass
class Standing:
    """Where a promoter stands on the ladder, and for how many months in a row."""

    level: str
    good_months: int = 0
    missed_months: int = 0


@dataclass
class PromoterMonth:
    """Hundredths."""

    promoter_id: int
    level: Level
    performance: int
    mentoring: int = 0
    unallocated: int = 0
    next_level: str = ""

    def bonus(self) -> int:
        assessment = self.level.assessment
        passed = assessment is None or self.performance >= assessment[0]
        return self.level.bonus_subsidy if passed else 0

    def commission(self) -> int:
        return toward_zero(self.performance * self.level.commission)


class Ladder:
    """All promoters' standings, carried from month to month, and the months' rows."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.standings: dict[int, Standing] = {}
        self.months: list[tuple[date, PromoterMonth]] = []

    def close_month(
        self, last_day: date, rules: Rules, rows: list[Transaction], ledger: Ledger
    ) -> dict[int, PromoterMonth]:
        months = self._start_month(last_day, rules, rows)
        for month in months.values():
            self._mentor(months, month, last_day, rules)
        for promoter_id, month in sorted(months.items()):
            _climb(self.standings[promoter_id], month, rules)
            month.next_level = self.standings[promoter_id].level
            for kind, amount in (
                ("commission", month.commission()),
                ("mentoring", month.mentoring),
                ("fixed_subsidy", month.level.fixed_subsidy),
                ("bonus_subsidy", month.bonus()),
            ):
                ledger.add("promoter", promoter_id, "cash", kind, amount)
            self.months.append((last_day.replace(day=1), month))
        return months

    def _start_month(self, last_day: date, rules: Rules, rows: list[Transaction]) -> dict[int, PromoterMonth]:
        """Everybody who takes part, with the month's performance, at the standing level."""
        performance: Counter[int] = Counter()
        for row in rows:
            if row.promoter_id is not None:
                performance[row.promoter_id] += row.earned.points
        months = {}
        for promoter_id, history in self.reference.promoters.items():
            if history[0]["valid_from"] > last_day:
                continue
            start = history[0]["starting_level"] or rules.levels[0].code
            standing = self.standings.setdefault(promoter_id, Standing(start))
            level = next(level for level in rules.levels if level.code == standing.level)
            months[promoter_id] = PromoterMonth(promoter_id, level, performance[promoter_id])
        return months

    def _mentor(self, months: dict[int, PromoterMonth], mentee: PromoterMonth, last_day: date, rules: Rules) -> None:
        """One mentee's share, and its rest to the mentor's own mentor."""
        mentor = self._mentor_of(months, mentee, last_day)
        if mentor is None or mentee.performance <= 0:
            return
        rate = mentor.level.mentoring
        whole = toward_zero(mentee.performance * rate)
        share = _share(whole, rate, mentor.performance, rules)
        mentor.mentoring += share
        above = self._mentor_of(months, mentor, last_day)
        if above is None:
            mentor.unallocated += whole - share
        else:
            above.mentoring += whole - share

    def _mentor_of(
        self, months: dict[int, PromoterMonth], month: PromoterMonth, last_day: date
    ) -> PromoterMonth | None:
        mentor_id = self.reference.mentor_of(month.promoter_id, last_day)
        return None if mentor_id is None else months.get(mentor_id)


def _share(whole: int, rate: int, performance: int, rules: Rules) -> int:
    if performance >= rules.full_at:
        return whole
    if rules.below == "capped":
        return min(whole, toward_zero(rate * max(performance, 0)))
    return whole * max(performance, 0) // rules.full_at if rules.full_at else 0


def _climb(standing: Standing, month: PromoterMonth, rules: Rules) -> None:
    """Promotion, else demotion, else one more month in the streaks."""
    codes = [level.code for level in rules.levels]
    position = codes.index(standing.level)
    promotion, assessment = month.level.promotion, month.level.assessment
    good = promotion is not None and month.performance >= promotion[0]
    missed = assessment is not None and month.performance < assessment[0]
    standing.good_months = standing.good_months + 1 if good else 0
    standing.missed_months = standing.missed_months + 1 if missed else 0
    if promotion and position + 1 < len(codes):
        _, months, single_month_points = promotion
        if month.performance >= single_month_points or standing.good_months >= months:
            _move(standing, codes[position + 1])
            return
    if assessment and position > 0 and standing.missed_months >= assessment[1]:
        _move(standing, codes[position - 1])


def _move(standing: Standing, code: str) -> None:
    standing.level, standing.good_months, standing.missed_months = code, 0, 0
