"""What the board must know of the model, both pools at the shipped rates: shown with the settlement's own rules.

The pools grow by the path once in 31 days, from one launch on which both of them open with the same points.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain

import pytest

from schemas.rulebook import SHIPPED, load_rulebook
from schemas.units import PICO
from transforms.forecast.growth_paths import Path, Phase, daily_flows
from transforms.forecast.pools import Flow, Outlook, Paid, next_day
from transforms.pools.cohorts import budget
from transforms.rulebook_check.steady import promised, steady_dividends

RULES = load_rulebook(SHIPPED).versions[0]
PERIOD = 31
LAUNCH = Flow(10**12, {"consumer": 10**12, "merchant": 10**12})
BUDGET = Fraction(RULES.dividend.funding_share, PICO)


@dataclass(frozen=True)
class Period:
    """One event of both pools: what came in since the last one, what they pay, the dividend budget after it."""

    concession: int
    paid: Sequence[Paid]
    budget_after: int

    @property
    def dividends(self) -> int:
        return sum(paid.amount_fen for paid in self.paid)

    @property
    def share(self) -> Fraction:
        return Fraction(self.dividends, self.concession)


def periods(number: int, *phases: Phase) -> list[Period]:
    return list(walk(number, Path("", phases)))


def walk(number: int, path: Path) -> Iterator[Period]:
    """The first of the periods is the launch."""
    flows = daily_flows(path, "pool", LAUNCH, LAUNCH, PERIOD)
    outlook, day, came = Outlook({}), date(2019, 1, 1), 0
    flow = LAUNCH
    while number:
        outlook, events = next_day(outlook, day, flow, RULES)
        came += flow.concession_fen
        if events:
            assert len(events) == 2
            yield Period(came, events, budget(RULES.dividend, outlook.concession_fen, outlook.dividends_fen))
            came, number = 0, number - 1
        flow, day = next(flows), day + timedelta(days=1)


def per_cent(growth: str) -> Phase:
    return Phase(int(Fraction(growth) * PICO / 100))


def close(found: Fraction, expected: Fraction) -> bool:
    """Equal but for whole fen on amounts of millions."""
    return abs(found - expected) < Fraction(1, 10**9)


def test_with_15_per_cent_for_ever_a_periods_dividends_are_35_9_per_cent_of_its_concession() -> None:
    found = periods(60, per_cent("15"))
    assert {paid.event.trigger for period in found[1:] for paid in period.paid} == {"growth"}
    rest = 5 - Fraction(4405850779502, PICO)  # what the ceiling leaves for the 36th payout
    by_hand = 2 * (35 * Fraction("0.005") + rest / Fraction("1.15") ** 35)
    for period in found[36:]:
        assert close(period.share, by_hand)
    assert round(by_hand, 4) == Fraction("0.3589")
    assert by_hand < BUDGET
    assert all(period.budget_after > 0 for period in found)


@pytest.mark.parametrize("growth", ["12.95", "10", "5", "1"])
def test_at_slower_steady_growth_they_are_the_whole_budget(growth: str) -> None:
    found = periods(44, per_cent(growth))
    assert {paid.event.trigger for period in found[1:] for paid in period.paid} == {"deadline"}
    for period in found[40:]:
        assert close(period.share, BUDGET)


def test_between_12_95_and_15_per_cent_the_ceiling_saves_a_part_of_it() -> None:
    """The one correction to "at any slower steady growth": here too the ceiling is reached within 40 payouts."""
    shares = [periods(42, per_cent(growth))[-1].share for growth in ("13", "14", "14.99")]
    assert [round(share, 3) for share in shares] == [Fraction("0.399"), Fraction("0.378"), Fraction("0.359")]


def test_without_new_points_what_was_promised_goes_on() -> None:
    """At 0 % no concession comes in any more: 1 % of the points, both pools together, is paid forty times."""
    found = periods(41, Phase(None))
    assert [period.dividends for period in found] == [10**10] * 40 + [0]
    assert [period.concession for period in found[1:]] == [0] * 40
    # Forty times 1 % is all of the 40 %: the launch's own budget pays for it, to the fen, and for nothing else.
    assert found[39].budget_after == 0


def test_growth_that_drops_to_2_per_cent_after_24_periods_breaks_the_budget_at_the_29th_event() -> None:
    found = periods(32, Phase(15 * PICO // 100, 23), per_cent("2"))  # the launch is the first of the 24
    assert [number for number, period in enumerate(found, 1) if period.budget_after < 0] == [29, 30, 31, 32]
    assert all(2 < period.share < Fraction("2.13") for period in found[24:])
    assert round(found[28].share, 2) == Fraction("2.09")
    assert not any(paid.funding.shortfall_fen for period in found[:28] for paid in period.paid)
    consumer, merchant = found[28].paid
    assert consumer.funding.shortfall_fen == 0
    assert merchant.funding.shortfall_fen > 0


def test_new_points_that_grow_by_2_per_cent_only_break_it_later() -> None:
    """The other reading of that drop: new points go on at their height and grow more slowly, they do not collapse."""
    path = Path("", (Phase(15 * PICO // 100, 23), per_cent("2")))
    outlook, left, days = Outlook({}), 0, 0
    for flow in chain([LAUNCH], daily_flows(path, "new-points", LAUNCH, LAUNCH, PERIOD)):
        outlook, _ = next_day(outlook, date(2019, 1, 1) + timedelta(days=days), flow, RULES)
        left = budget(RULES.dividend, outlook.concession_fen, outlook.dividends_fen)
        if left < 0:
            break
        days += 1
    assert 1 + days // PERIOD == 31


def test_what_is_promised_is_10_times_the_concession_and_25_times_the_budget() -> None:
    assert promised(RULES) == 10
    assert promised(RULES) / BUDGET == 25


def test_full_5x_needs_a_pool_133_times_its_size_35_periods_later() -> None:
    found = periods(36, per_cent("15"))
    for pool in (0, 1):
        first, last = found[0].paid[pool], found[35].paid[pool]
        assert first.payouts[0].cohort_no == last.payouts[0].cohort_no == 1
        assert last.payouts[0].after_pico == 5 * PICO
        assert found[34].paid[pool].payouts[0].after_pico == 4405850779502
        assert last.event.value_fen // first.event.value_fen == 133


@pytest.mark.parametrize(("growth", "times"), [("15", "5"), ("10", "2.2129"), ("5", "0.6039"), ("0.01", "0.2003")])
def test_slower_growth_never_pays_5x(growth: str, times: str) -> None:
    found = periods(40, per_cent(growth))
    every = (payout for period in found for payout in period.paid[0].payouts)
    first = [payout for payout in every if payout.cohort_no == 1]
    assert first[-1].retires
    assert len(first) == (36 if growth == "15" else 40)
    assert Fraction(first[-1].after_pico * 10**4 // PICO, 10**4) == Fraction(times)


@pytest.mark.parametrize("growth", ["15", "14", "10", "5"])
def test_the_rulebooks_arithmetic_is_what_the_settlement_does(growth: str) -> None:
    phase = per_cent(growth)
    assert phase.growth_pico is not None
    assert close(periods(44, phase)[-1].share, steady_dividends(RULES, phase.growth_pico))
