"""The journal, the trial balance and solvency (SPEC 10 and 13)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tests.oracle.earning import Transaction
from tests.oracle.ledger import Ledger
from tests.oracle.pools import Pool
from tests.oracle.rules import Rules
from tests.oracle.units import PICO

# ledger kind -> kind in the journal, account debited, account credited
ENTRIES = {
    "dividend": ("dividend", "settlement_fund", "voucher_liability"),
    "dividend_clawback": ("dividend", "settlement_fund", "voucher_liability"),
    "binding_reward": ("binding_reward", "settlement_fund", "voucher_liability"),
    "referral_reward": ("referral_reward", "settlement_fund", "voucher_liability"),
    "commission": ("commission", "settlement_fund", "promoter_payable"),
    "mentoring": ("mentoring", "settlement_fund", "promoter_payable"),
    "fixed_subsidy": ("fixed_subsidy", "settlement_fund", "promoter_payable"),
    "bonus_subsidy": ("bonus_subsidy", "settlement_fund", "promoter_payable"),
    "agent_commission": ("agent_commission", "settlement_fund", "agent_payable"),
    "partner_share": ("partner_share", "settlement_fund", "partner_payable"),
}
Line = tuple[date, date, str, str]  # business_date, value_date, kind, account
Solvency = tuple[date, int, int, int]  # business_date, fund_balance, voucher_liability, remaining_ceiling


@dataclass
class Journal:
    """Credit less debit per line, in hundredths."""

    lines: Counter[Line]

    def post(self, dates: tuple[date, date], entry: tuple[str, str, str], amount: int) -> None:
        kind, debit, credit = entry
        self.lines[*dates, kind, debit] -= amount
        self.lines[*dates, kind, credit] += amount

    def balances(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for (_, _, _, account), amount in self.lines.items():
            sums[account] += amount
        return sums


def post_sales(journal: Journal, day: date, transactions: list[Transaction]) -> None:
    """Purchases, and refunds in reverse."""
    for row in transactions:
        amount, voucher, concession = row.sign * row.amount, row.sign * row.voucher, row.earned.concession
        for account, moved in (
            ("clearing", voucher - amount),
            ("voucher_liability", -voucher),
            ("merchant_payable", amount - concession),
            ("settlement_fund", concession),
        ):
            journal.lines[day, day, "sales", account] += moved


def post_ledger(journal: Journal, ledger: Ledger) -> None:
    """Every ledger row that is money and not sales."""
    for (day, value_date, holder_kind, _, asset, kind, _), amount in ledger.posted():
        if kind in ENTRIES:
            journal.post((day, value_date), ENTRIES[kind], amount)
        elif kind == "payout":
            account = "voucher_liability" if asset == "voucher" else f"{holder_kind}_payable"
            journal.post((day, value_date), ("payout", account, "clearing"), -amount)


def remaining_ceiling(pools: list[Pool], rules: Rules) -> int:
    """What the holders could still get under the ceilings, rounded down per pool."""
    whole = 0
    for pool in pools:
        live = [cohort for cohort in pool.cohorts if not cohort.retired]
        closed = sum(cohort.total * (cohort.ceiling - cohort.cumulative) for cohort in live)
        whole += (closed + sum(pool.open_lots.values()) * rules.ceiling) // PICO
    return whole
