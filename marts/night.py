"""What the warehouse says of a range of settled days, for whoever looks after the nights."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from marts.addresses import database


@dataclass(frozen=True)
class NightNumbers:
    """Amounts in yuan, points and coins, with two decimals.

    `days`: business_date, rows_in, rows_booked, rows_quarantined, concession, dividends. `events`: pool, event_no,
    value_date, trigger, holders, amount, shortfall. `kinds`: kind, asset, rows, amount. `quarantine`: feed, reason,
    rows. `controls`: name, proved, failed. The fund and the vouchers as of the last of the days; None without any.
    """

    first: date
    last: date
    days: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    kinds: list[tuple[Any, ...]]
    quarantine: list[tuple[Any, ...]]
    controls: list[tuple[Any, ...]]
    fund_balance: Decimal | None
    voucher_liability: Decimal | None


DAYS: Final = """
select business_date, rows_in, rows_booked, rows_quarantined, concession, dividends
from days where business_date between $first and $last order by business_date"""
EVENTS: Final = """
select pool, event_no, value_date, trigger, holders, amount, shortfall
from pool_events where cutoff_date between $first and $last order by value_date, pool"""
KINDS: Final = """
select kind, asset, count(*), sum(amount)
from ledger where business_date between $first and $last group by all order by kind, asset"""
QUARANTINE: Final = """
select feed, reason, count(*)
from quarantine where business_date between $first and $last group by all order by feed, reason"""
CONTROLS: Final = """
select name, count(*) filter (passed), count(*) filter (not passed)
from controls where business_date between $first and $last group by all order by name"""
SOLVENCY: Final = """
select fund_balance, voucher_liability from solvency where business_date between $first and $last
order by business_date desc limit 1"""


def night_numbers(warehouse: Path, after: date | None, last: date) -> NightNumbers:
    """Read the days after `after` (None: all) up to `last`, one at least, from the published warehouse."""
    with duckdb.connect(database(warehouse), read_only=True) as connection:

        def rows(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql, {"first": first, "last": last}).fetchall()

        first = after + timedelta(days=1) if after else date.min
        days = rows(DAYS)
        funds = rows(SOLVENCY)
        fund, liability = funds[0] if funds else (None, None)
        return NightNumbers(
            days[0][0],
            days[-1][0],
            days=days,
            events=rows(EVENTS),
            kinds=rows(KINDS),
            quarantine=rows(QUARANTINE),
            controls=rows(CONTROLS),
            fund_balance=fund,
            voucher_liability=liability,
        )
