"""The forecast beside the settlement: given the business that then really came, it says what was then settled."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from pathlib import Path

import polars as pl
import pytest

from flows.forecast.start import Books, read_books
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.rulebook import SHIPPED, Rulebook, load_rulebook
from schemas.tables import COHORT_RATES, COHORTS, DAYS, POOL_DAYS, POOL_EVENTS, SOLVENCY, Table
from schemas.units import ONE_DAY
from tests.engine import backfill
from tests.tiny import FIRST, day, purchase, write_tiny
from transforms.forecast.months import Assumptions, Standing, months
from transforms.forecast.pools import Flow, Outlook, Paid, next_day

KNOWN, LAST = 40, 122
"""The forecast begins from 2019-04-09 and ends with the June of 2019."""
RULES = {
    'launch = "10000000"': 'launch = "2000"',
    "max_payouts = 40": "max_payouts = 4",
    'ceiling = "5"': 'ceiling = "0.0171"',
}
SCALED = {'on_shortfall = "report"': 'on_shortfall = "scale"', 'funding_share = "0.40"': 'funding_share = "0.016"'}


@dataclass(frozen=True)
class Case:
    """A world that was settled in two runs, and the books between them. `holders`: of a pool, at the most."""

    root: Path
    rulebook: Rulebook
    books: Books
    holders: int

    def rows(self, table: Table) -> pl.DataFrame:
        run_ = RunLog(self.root / "lake").last()
        assert run_ is not None
        return Draft(Store(self.root / "lake"), run_.versions, run_.run_id).small(table)

    def flows(self) -> Iterator[Flow]:
        """What then came in."""
        points = {(pool, when): fen for pool, when, fen, *_ in self.rows(POOL_DAYS).iter_rows()}
        for when, fen in self.rows(DAYS).select("business_date", "concession_fen").iter_rows():
            if when > day(KNOWN):
                yield Flow(fen, {pool: points[pool, when] for pool in ("consumer", "merchant")})

    def projected(self) -> tuple[Outlook, list[Paid]]:
        outlook, paid, today = self.books.standing.outlook, [], day(KNOWN)
        for flow in self.flows():
            today += ONE_DAY
            outlook, events = next_day(outlook, today, flow, self.rulebook.on(today))
            paid += events
        return outlook, paid


def settled(root: Path, members: int, merchants: int, rules: dict[str, str]) -> Case:
    """A purchase or two a day, some of them large, small ones only from day 70 on; no refunds."""
    dice = random.Random(7)
    sales = {
        number: [
            purchase(
                f"t{number}-{index}",
                number,
                f"{dice.choice((40, 300, 2500) if number < 70 else (3, 4)) + dice.randrange(100) / 100:.2f}",
                dice.randint(1, members),
                merchant=dice.randint(1, merchants),
            )
            for index in range(dice.choice((0, 1, 1, 2)))
        ]
        for number in range(1, LAST + 1)
    }
    joined = [f"{member},2018-01-01T00:00:00+08:00," for member in (1, 2, 3)]
    _, book = write_tiny(root, sales, LAST, rules=RULES | rules, members=joined)
    assert backfill(root, book, FIRST, day(KNOWN))
    rulebook = load_rulebook(book)
    books = read_books(root, rulebook)
    assert backfill(root, book, day(KNOWN + 1), day(LAST))
    return Case(root, rulebook, books, max(members, merchants))


@pytest.fixture(scope="module", params=["one of each", "one of each, scaled", "several"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    several, rules = request.param == "several", SCALED if "scaled" in request.param else {}
    return settled(tmp_path_factory.mktemp("forecast"), 3 if several else 1, 2 if several else 1, rules)


def test_events_are_those_that_were_settled(case: Case) -> None:
    _, paid = case.projected()
    names = ("event_no", "cutoff_date", "trigger", "baseline_fen", "next_baseline_fen", "value_fen", "growth_pico")
    projected = [(each.event.pool.name, *(getattr(each.event, name) for name in names)) for each in paid]
    later = case.rows(POOL_EVENTS).filter(pl.col("cutoff_date") > day(KNOWN)).sort("cutoff_date", "pool")
    assert sorted(projected) == sorted(later.select("pool", *names).rows())
    assert {trigger for _, _, _, trigger, *_ in projected} >= {"growth", "deadline"}


def test_rates_and_points_of_every_cohort_are_those_that_were_settled(case: Case) -> None:
    outlook, paid = case.projected()
    projected = {
        (
            each.event.pool.name,
            payout.cohort_no,
            each.event.event_no,
            payout.payout_no,
            payout.rate_pico,
            payout.after_pico,
        )
        for each in paid
        for payout in each.payouts
    }
    later = case.rows(COHORT_RATES).join(
        case.rows(POOL_EVENTS).filter(pl.col("cutoff_date") > day(KNOWN)), on=["pool", "event_no"], how="semi"
    )
    assert projected == set(later.drop("entitled_fen").rows())
    assert any(payout.retires for each in paid for payout in each.payouts)
    points = {(pool, no): fen for pool, no, fen in case.rows(COHORTS).select("pool", "cohort_no", "points_fen").rows()}
    for name, pool in outlook.pools.items():
        assert pool.points == {no: points[name, no] for no in pool.points}


def test_amounts_are_those_that_were_settled_but_for_a_hundredth_a_holder_and_cohort(case: Case) -> None:
    _, paid = case.projected()
    columns = ("pool", "event_no", "amount_fen", "shortfall_fen")
    booked = {(pool, no): fens for pool, no, *fens in case.rows(POOL_EVENTS).select(columns).iter_rows()}
    for each in paid:
        amount, shortfall = booked[each.event.pool.name, each.event.event_no]
        drift = case.holders * len(each.payouts) if case.holders > 1 else 0
        assert abs(each.amount_fen - amount) <= drift
        if case.holders == 1:
            assert each.funding.shortfall_fen == shortfall
    if case.rulebook.versions[0].dividend.on_shortfall == "scale":
        assert any(each.funding.shortfall_fen for each in paid)


def test_months_end_where_the_books_did(case: Case) -> None:
    rows = months(case.books.standing, case.flows(), case.rulebook, Assumptions(0, 0, 0), 3)
    ends = case.rows(SOLVENCY).filter(pl.col("business_date").is_in([date(2019, 4, 30), date(2019, 5, 31), day(LAST)]))
    found = [(row.fund_fen, row.liability_fen, row.remaining_fen, row.coverage_e4) for row in rows]
    expected = ends.select("fund_fen", "liability_fen", "remaining_fen", "coverage_e4").rows()
    assert [row.month for row in rows] == [date(2019, 4, 1), date(2019, 5, 1), date(2019, 6, 1)]
    if case.holders == 1:
        assert found == expected
    else:
        for (fund, liability, *_), (settled_fund, settled_liability, *_) in zip(found, expected, strict=True):
            assert 0 <= settled_fund - fund == liability - settled_liability < 100


def test_costs_and_redemption_as_they_are_given() -> None:
    rulebook = load_rulebook(SHIPPED)
    standing = Standing(date(2025, 3, 30), Outlook({}, 5_000_00), 1_000_00, 400_00, month_concession_fen=600_00)
    tenth = 10**11
    flows = repeat(Flow(10_00, {"consumer": 10_00, "merchant": 10_00}))
    march, april = months(standing, flows, rulebook, Assumptions(tenth, 2 * tenth, 3 * tenth), 2)
    # One day of March is left: 10.00 x 0.2, the commissions of all March, 400.00 x 0.1 x 1 / 31.
    assert (march.concession_fen, march.rewards_fen, march.commissions_fen, march.redeemed_fen) == (
        10_00,
        200,
        183_00,
        129,
    )
    assert march.fund_fen == 1_000_00 + 10_00 - 2_00 - 183_00
    assert march.liability_fen == 400_00 + 2_00 - 1_29
    assert (april.concession_fen, april.rewards_fen, april.commissions_fen) == (300_00, 60_00, 90_00)
    assert april.redeemed_fen == 40_07
    assert april.fund_fen == march.fund_fen + 300_00 - 60_00 - 90_00
    assert april.budget_fen == (5_000_00 + 310_00) * 4 // 10
    assert april.remaining_fen == 2 * 5 * 310_00


def test_without_other_word_costs_are_the_most_that_the_rules_allow() -> None:
    rules = load_rulebook(SHIPPED).versions[0]
    assert (Assumptions().rewards(rules), Assumptions().commissions(rules)) == (10**11, 17 * 10**10)


def test_the_first_day_below_zero_counts_though_the_month_ends_above() -> None:
    standing = Standing(date(2025, 3, 31), Outlook({}, 0), -5_00, 0)
    (april,) = months(standing, repeat(Flow(1_00, {})), load_rulebook(SHIPPED), Assumptions(0, 0, 0), 1)
    assert (april.fund_below, april.fund_fen) == (date(2025, 4, 1), 25_00)
