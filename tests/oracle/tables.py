"""The tables of SPEC 13, as sorted lists of tuples in the columns' order."""

from collections import Counter
from decimal import Decimal
from typing import Any

from tests.oracle.exceptions import exceptions, held
from tests.oracle.settlement import Settlement
from tests.oracle.units import money, rate

Rows = list[tuple[Any, ...]]


def sorted_rows(rows: Rows) -> Rows:
    """By every cell in turn; empty cells first."""
    return sorted(rows, key=lambda row: tuple((cell is not None, 0 if cell is None else cell) for cell in row))


def tables(settlement: Settlement) -> dict[str, Rows]:
    makers = {
        "transactions": _transactions,
        "quarantine": _quarantine,
        "pool_days": _pool_days,
        "pool_events": _pool_events,
        "cohort_rates": _cohort_rates,
        "positions": _positions,
        "ledger": _ledger,
        "balances": _balances,
        "promoter_months": _promoter_months,
        "agent_months": _agent_months,
        "journal": _journal,
        "trial_balance": _trial_balance,
        "solvency": _solvency,
        "exceptions": exceptions,
    }
    return {name: sorted_rows(maker(settlement)) for name, maker in makers.items()}


def _transactions(settlement: Settlement) -> Rows:
    return [
        (
            row.business_date,
            row.txn_id,
            row.kind,
            row.occurred_at,
            row.member_id,
            row.merchant_id,
            money(row.amount),
            money(row.voucher),
            rate(row.rate),
            row.original_txn_id,
            row.lot_date,
            money(row.earned.concession),
            money(row.earned.points),
            money(row.earned.member_coins),
            money(row.earned.merchant_coins),
            row.bound_merchant_id,
            row.referrer_id,
            row.promoter_id,
            row.region,
            row.is_late,
        )
        for row in settlement.book.transactions
    ]


def _quarantine(settlement: Settlement) -> Rows:
    return list(settlement.quarantine)


def _pool_days(settlement: Settlement) -> Rows:
    return [
        (pool.name, day, money(inflow), money(value))
        for pool in settlement.pools.values()
        for day, inflow, value in pool.days
    ]


def _pool_events(settlement: Settlement) -> Rows:
    return [
        (
            pool.name,
            event.number,
            event.cutoff_date,
            event.value_date,
            event.trigger,
            money(event.baseline),
            money(event.value),
            rate(event.growth),
            event.holders,
            money(event.amount),
            money(event.shortfall),
        )
        for pool in settlement.pools.values()
        for event in pool.events
    ]


def _cohort_rates(settlement: Settlement) -> Rows:
    return [(*row[:4], rate(row[4]), rate(row[5])) for row in settlement.fund.rates]


def _positions(settlement: Settlement) -> Rows:
    return [
        (pool.name, cohort.number, holder, money(points))
        for pool in settlement.pools.values()
        for cohort in pool.cohorts
        for holder, points in cohort.points.items()
        if points
    ]


def _ledger(settlement: Settlement) -> Rows:
    return [(*key, "settlement", money(amount)) for ledger in settlement.ledgers for key, amount in ledger.posted()]


def _balances(settlement: Settlement) -> Rows:
    return [(*key, money(amount)) for key, amount in held(settlement).items() if amount]


def _promoter_months(settlement: Settlement) -> Rows:
    return [
        (
            first_day,
            month.promoter_id,
            month.level.code,
            money(month.performance),
            money(month.commission()),
            money(month.mentoring),
            money(month.unallocated),
            money(month.level.fixed_subsidy),
            money(month.bonus()),
            month.next_level,
        )
        for first_day, month in settlement.ladder.months
    ]


def _agent_months(settlement: Settlement) -> Rows:
    return [
        (
            month.month,
            month.agent_id,
            month.region_prefix,
            money(month.concession),
            money(month.amount),
            money(month.partner_amount),
        )
        for month in settlement.agent_months
    ]


def _journal(settlement: Settlement) -> Rows:
    """Netted per line: what is below zero as credit stands as debit."""
    return [
        (*line, money(max(-amount, 0)), money(max(amount, 0)))
        for line, amount in settlement.journal.lines.items()
        if amount
    ]


def _trial_balance(settlement: Settlement) -> Rows:
    debits, credits = Counter[str](), Counter[str]()
    for (_, _, _, account), amount in settlement.journal.lines.items():
        debits[account] += max(-amount, 0)
        credits[account] += max(amount, 0)
    return [
        (account, money(debits[account]), money(credits[account]), money(credits[account] - debits[account]))
        for account in debits
        if debits[account] or credits[account]
    ]


def _solvency(settlement: Settlement) -> Rows:
    return [
        (day, money(fund), money(vouchers), money(ceiling), _coverage(fund, vouchers))
        for day, fund, vouchers, ceiling in settlement.solvency
    ]


def _coverage(fund: int, vouchers: int) -> Decimal | None:
    """Four decimals, toward zero; None where no voucher is owed."""
    if vouchers <= 0:
        return None
    covered = fund + vouchers
    quotient = abs(covered) * 10**4 // vouchers
    return Decimal(quotient if covered >= 0 else -quotient).scaleb(-4)
