"""What must hold between the tables of SPEC 13, whoever made them: oracle or settlement (SPEC 6 and 10)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.compare import COLUMNS, Row, Tables

PAYABLES = {
    "merchant_payable": ("merchant", "cash"),
    "promoter_payable": ("promoter", "cash"),
    "agent_payable": ("agent", "cash"),
    "partner_payable": ("partner", "cash"),
}


def assert_consistent(tables: Tables) -> None:
    """Every control that the tables alone can show."""
    for said in _broken(tables):
        raise AssertionError(said)


def _named(tables: Tables, name: str) -> Iterator[dict[str, Any]]:
    return (dict(zip(COLUMNS[name], row, strict=True)) for row in tables[name])


def _broken(tables: Tables) -> Iterator[str]:
    checks = (_ledger, _accounts, _journal, _pools, _dividends, _events, _retired)
    return (f"{check.__name__}: {said}" for check in checks for said in check(tables))


def _unequal(left: Counter[Any], right: Counter[Any]) -> list[str]:
    return [f"{key}: {left[key]} != {right[key]}" for key in {*left, *right} if left[key] != right[key]]


def _ledger(tables: Tables) -> list[str]:
    """Balances are the sums of the ledger; no row is zero, no key stands twice."""
    sums, keys = Counter[Any](), Counter[Row]()
    for *key, amount in tables["ledger"]:
        keys[tuple(key)] += 1
        sums[key[2], key[3], key[4]] += amount
    held = Counter({row[:3]: row[3] for row in tables["balances"]})
    twice = [f"{key} stands twice" for key, times in keys.items() if times > 1]
    zero = [f"{row} is zero" for row in tables["ledger"] if row[-1] == 0]
    return twice + zero + _unequal(sums, held)


def _accounts(tables: Tables) -> list[str]:
    """What the books owe is what the holders have."""
    held: Counter[str] = Counter()
    for row in _named(tables, "balances"):
        if row["asset"] == "voucher":
            held["voucher_liability"] += row["balance"]
        elif row["asset"] == "cash":
            held[f"{row['holder_kind']}_payable"] += row["balance"]
    owed = Counter(
        {
            row["account"]: row["balance"]
            for row in _named(tables, "trial_balance")
            if row["account"] in ("voucher_liability", *PAYABLES)
        }
    )
    return _unequal(held, owed)


def _journal(tables: Tables) -> list[str]:
    """Every day, value date and kind balances; the trial balance is the journal's sum."""
    days, accounts, trial = Counter[Any](), Counter[str](), Counter[str]()
    for row in _named(tables, "journal"):
        days[row["business_date"], row["value_date"], row["kind"]] += row["credit"] - row["debit"]
        accounts[row["account"]] += row["credit"] - row["debit"]
    for row in _named(tables, "trial_balance"):
        trial[row["account"]] += row["balance"]
    return [f"{key} does not balance" for key, amount in days.items() if amount] + _unequal(accounts, trial)


def _pools(tables: Tables) -> list[str]:
    """Value is the sum of inflow; every point is in one pool per holder kind; no position below zero."""
    inflow, value = Counter[str](), Counter[str]()
    for row in _named(tables, "pool_days"):
        inflow[row["pool"]] += row["inflow"]
        value[row["pool"]] = row["value"]  # sorted by pool and day: the last stays
    points = sum(row["points"] for row in _named(tables, "transactions"))
    said = _unequal(inflow, value)
    if sum(value.values()) != 2 * points:
        said.append(f"pools hold {sum(value.values())}, transactions made twice {points}")
    return said + [f"{row} is negative" for row in tables["positions"] if row[-1] < 0]


def _dividends(tables: Tables) -> list[str]:
    """Dividends and clawbacks = the sum of trunc(p x M), per pool and holder."""
    rates: dict[tuple[str, int], Any] = {}
    for row in _named(tables, "cohort_rates"):
        rates[row["pool"], row["cohort_no"]] = row["cumulative_rate"]  # sorted by event: the last stays
    due: Counter[Any] = Counter()
    for pool, cohort, holder, points in tables["positions"]:
        entitled = int(points * 100) * int(rates[pool, cohort] * 10**12) // 10**12
        due[pool, holder] += entitled
    for row in _named(tables, "ledger"):
        if row["kind"] in ("dividend", "dividend_clawback"):
            due[row["pool"], row["holder_id"]] -= int(row["amount"] * 100)
    return [f"{key}: {fen} fen not paid" for key, fen in due.items() if fen]


def _events(tables: Tables) -> list[str]:
    """An event's holders and amount are its dividend rows."""
    holders, amounts = Counter[Any](), Counter[Any]()
    for row in _named(tables, "ledger"):
        if row["kind"] == "dividend":
            holders[row["pool"], row["value_date"]] += 1
            amounts[row["pool"], row["value_date"]] += row["amount"]
    told = Counter({(row[0], row[3]): row[8] for row in tables["pool_events"]})
    paid = Counter({(row[0], row[3]): row[9] for row in tables["pool_events"]})
    return _unequal(holders, told) + _unequal(amounts, paid)


def _retired(tables: Tables) -> list[str]:
    """Nobody has lost more points than were his."""
    return [f"{row}" for row in _named(tables, "balances") if row["asset"] == "points" and row["balance"] < 0]
