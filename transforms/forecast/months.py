"""Solvency in the months to come (SPEC 10, 13): what the fund gets and pays, which vouchers are out, month by month.

A voucher costs the fund when it is issued. When it is spent, the liability moves to the merchant and the fund stays as
it is; the money behind the vouchers, fund + liability, shrinks by it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from schemas.rulebook import Rulebook, Rules
from schemas.units import ONE_DAY, PICO
from transforms.books.solvency import coverage
from transforms.forecast.pools import Flow, Outlook, next_day
from transforms.months.month_ends import is_month_end, last_day
from transforms.pools.cohorts import budget
from transforms.rulebook_check.costs import commissions_per_yuan, rewards_per_yuan


@dataclass(frozen=True)
class Assumptions:
    """What the months are reckoned with, in pico.

    `redemption`: part of the vouchers outstanding at a month's beginning that is spent in it. `rewards` (binding and
    referral, in vouchers) and `commissions` (promoters and agents, in cash): part of the concession; None: the most
    that the rules in force can take.
    """

    redemption_pico: int = 0
    rewards_pico: int | None = None
    commissions_pico: int | None = None

    def rewards(self, rules: Rules) -> int:
        """Part of the concession that binding and referral take."""
        return rewards_per_yuan(rules) if self.rewards_pico is None else self.rewards_pico

    def commissions(self, rules: Rules) -> int:
        """Part of the concession that promoters and agents take."""
        return commissions_per_yuan(rules) if self.commissions_pico is None else self.commissions_pico


@dataclass(frozen=True)
class Standing:
    """The books at the end of a settled day, in fen; `month_concession_fen`: what its month has brought so far."""

    day: date
    outlook: Outlook
    fund_fen: int
    liability_fen: int
    month_concession_fen: int = 0


@dataclass(frozen=True)
class Day:
    """A day to come. Amounts of the day, in fen, and the fund and the pools at its end; `events`: how many."""

    day: date
    concession_fen: int
    events: int
    dividends_fen: int
    shortfall_fen: int
    rewards_fen: int
    commissions_fen: int
    fund_fen: int
    outlook: Outlook


@dataclass(frozen=True)
class Month:
    """A month to come (`month`: its first day). Amounts of the month, and what stands at its end; all in fen.

    `budget_fen`: funding_share of all concessions less all dividends; `fund_below`: the first day on which the fund is
    below zero, if there is one in this month.
    """

    month: date
    concession_fen: int
    events: int
    dividends_fen: int
    shortfall_fen: int
    rewards_fen: int
    commissions_fen: int
    redeemed_fen: int
    budget_fen: int
    fund_fen: int
    liability_fen: int
    remaining_fen: int
    coverage_e4: int | None
    fund_below: date | None


def months(
    standing: Standing, flows: Iterable[Flow], rulebook: Rulebook, assumed: Assumptions, number: int
) -> list[Month]:
    """The next `number` calendar months, the first of them from the day after the standing on."""
    rows: list[Month] = []
    liability = standing.liability_fen
    projected = _days(standing, flows, rulebook, assumed, last_day(standing.day, number))
    for _, group in groupby(projected, key=lambda day: (day.day.year, day.day.month)):
        rows.append(_month(list(group), liability, rulebook, assumed))
        liability = rows[-1].liability_fen
    return rows


def _days(
    standing: Standing, flows: Iterable[Flow], rulebook: Rulebook, assumed: Assumptions, last: date
) -> Iterator[Day]:
    day, outlook, fund = standing.day, standing.outlook, standing.fund_fen
    of_month = 0 if is_month_end(day) else standing.month_concession_fen
    for flow in flows:
        day += ONE_DAY
        rules = rulebook.on(day)
        outlook, events = next_day(outlook, day, flow, rules)
        of_month += flow.concession_fen
        dividends = sum(event.amount_fen for event in events)
        rewards = flow.concession_fen * assumed.rewards(rules) // PICO
        commissions = of_month * assumed.commissions(rules) // PICO if is_month_end(day) else 0
        of_month = 0 if is_month_end(day) else of_month
        fund += flow.concession_fen - dividends - rewards - commissions
        shortfall = sum(event.funding.shortfall_fen for event in events)
        yield Day(day, flow.concession_fen, len(events), dividends, shortfall, rewards, commissions, fund, outlook)
        if day == last:
            return


def _month(days: Sequence[Day], liability_fen: int, rulebook: Rulebook, assumed: Assumptions) -> Month:
    last, outlook = days[-1], days[-1].outlook
    rules = rulebook.on(last.day).dividend
    rewards, dividends = sum(day.rewards_fen for day in days), sum(day.dividends_fen for day in days)
    # Of the month that is under way already, only the days that are left.
    redeemed = max(liability_fen, 0) * assumed.redemption_pico * len(days) // (PICO * last.day.day)
    liability = liability_fen + dividends + rewards - redeemed
    return Month(
        month=last.day.replace(day=1),
        concession_fen=sum(day.concession_fen for day in days),
        events=sum(day.events for day in days),
        dividends_fen=dividends,
        shortfall_fen=sum(day.shortfall_fen for day in days),
        rewards_fen=rewards,
        commissions_fen=sum(day.commissions_fen for day in days),
        redeemed_fen=redeemed,
        budget_fen=budget(rules, outlook.concession_fen, outlook.dividends_fen),
        fund_fen=last.fund_fen,
        liability_fen=liability,
        remaining_fen=outlook.remaining(rules.ceiling),
        coverage_e4=coverage(last.fund_fen, liability),
        fund_below=next((day.day for day in days if day.fund_fen < 0), None),
    )
