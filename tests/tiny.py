"""Worlds of a few rows written by hand: the shipped rates, a folder a day, and what a test says otherwise."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle import settle_world

FIRST = date(2019, 3, 1)
HEADER = (
    "txn_id,kind,occurred_at,member_id,merchant_id,amount,voucher_amount,concession_rate,"
    "original_txn_id,original_date,channel"
)
MEMBERS = ("1,2018-01-01T00:00:00+08:00,", "2,2018-01-01T00:00:00+08:00,1", "3,2019-03-03T12:00:00+08:00,2")
MERCHANTS = ("1,2018-01-01T00:00:00+08:00,440305,0.1", "2,2018-01-01T00:00:00+08:00,310101,0.2")
REFERENCES = {
    "members": "member_id,joined_at,referrer_id",
    "merchants": "merchant_id,valid_from,region_code,concession_rate",
    "bindings": "member_id,merchant_id,bound_at",
    "promoters": "promoter_id,valid_from,mentor_id,starting_level",
    "merchant_promoters": "merchant_id,promoter_id,valid_from",
    "agents": "agent_id,region_prefix,valid_from,valid_to",
    "partners": "agent_id,partner_id,share,valid_from,valid_to",
}
RULES = """
[[rules]]
effective_from = 2018-01-01T00:00:00+08:00
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
launch = "200"
growth_target = "0.15"
earliest_day = 1
deadline_day = 31
baseline = "actual"
regions = []
[[rules.pools]]
name = "merchant"
holder = "merchant"
launch = "10000000"
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
promotion = { monthly_points = "300", months = 3, single_month_points = "1000" }
[[rules.promoter_levels]]
code = "trainee"
title = "见习商务专员"
commission = "0.05"
mentoring = "0.01"
fixed_subsidy = "24"
bonus_subsidy = "16"
assessment = { monthly_points = "300", misses = 2 }
[rules.mentoring]
full_at = "100"
below = "prorata"
[rules.agents]
province = "0.02"
city = "0.03"
county = "0.05"
"""


def day(number: int) -> date:
    """Day 1 is the first."""
    return FIRST + timedelta(days=number - 1)


def purchase(txn_id: str, number: int, amount: str, member: int = 1, **cells: Any) -> str:
    """At noon of the day; `merchant`, `voucher`, `rate`, `at` may differ."""
    at = cells.get("at", f"{day(number)}T12:00:00+08:00")
    merchant, voucher, rate = cells.get("merchant", 1), cells.get("voucher", ""), cells.get("rate", "")
    return f"{txn_id},purchase,{at},{member},{merchant},{amount},{voucher},{rate},,,"


def refund(txn_id: str, number: int, amount: str, original: str, booked: int, **cells: Any) -> str:
    """Of a purchase booked on day `booked`."""
    member, merchant = cells.get("member", 1), cells.get("merchant", 1)
    at = f"{day(number)}T12:00:00+08:00"
    voucher = cells.get("voucher", "")
    return f"{txn_id},refund,{at},{member},{merchant},{amount},{voucher},,{original},{day(booked)},"


def write_tiny(
    root: Path,
    days: Mapping[int, Sequence[str]],
    last: int,
    *,
    rules: Mapping[str, str] | None = None,
    **reference: Sequence[str],
) -> tuple[Path, Path]:
    """The landing folder and the rulebook. `rules`: texts of RULES to be replaced."""
    landing, book, text = root / "landing", root / "rulebook.toml", RULES
    for number in range(1, last + 1):
        folder = landing / "transactions" / f"day={day(number)}"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("\n".join([HEADER, *days.get(number, ())]) + "\n")
    (landing / "reference").mkdir()
    for name, rows in ({"members": MEMBERS, "merchants": MERCHANTS} | reference).items():
        (landing / "reference" / f"{name}.csv").write_text("\n".join([REFERENCES[name], *rows]) + "\n")
    for old, new in (rules or {}).items():
        assert old in text, f"RULES do not say {old}"
        text = text.replace(old, new)
    book.write_text(text, encoding="utf-8")
    return landing, book


def settle_tiny(
    root: Path, days: Mapping[int, Sequence[str]], last: int, **options: Any
) -> dict[str, list[tuple[Any, ...]]]:
    """Written, and settled by the oracle."""
    landing, book = write_tiny(root, days, last, **options)
    return settle_world(landing, book, FIRST, day(last))
