"""The journal 日记账 (SPEC 10): double entry in yuan, per business date, value date and kind.

Credit is positive in here; a kind's entries sum to zero. Refunds and clawbacks reverse, and a row is net: it has a
debit or a credit. Points and coins are counted, not money, and do not appear.
"""

from typing import Final

import polars as pl

from schemas.tables import JOURNAL
from schemas.units import FEN, WIDE

FUND: Final = "settlement_fund"
VOUCHERS: Final = "voucher_liability"
CLEARING: Final = "clearing"
PAYABLES: Final = {kind: f"{kind}_payable" for kind in ("merchant", "promoter", "agent", "partner")}

ENTRIES: Final = {
    "dividend": ("dividend", FUND, VOUCHERS),
    "dividend_clawback": ("dividend", FUND, VOUCHERS),
    "binding_reward": ("binding_reward", FUND, VOUCHERS),
    "referral_reward": ("referral_reward", FUND, VOUCHERS),
    "commission": ("commission", FUND, PAYABLES["promoter"]),
    "mentoring": ("mentoring", FUND, PAYABLES["promoter"]),
    "fixed_subsidy": ("fixed_subsidy", FUND, PAYABLES["promoter"]),
    "bonus_subsidy": ("bonus_subsidy", FUND, PAYABLES["promoter"]),
    "agent_commission": ("agent_commission", FUND, PAYABLES["agent"]),
    "partner_share": ("partner_share", FUND, PAYABLES["partner"]),
}
"""Ledger kind: kind in the journal, account debited, account credited. Sales and payouts have their own rules."""

_LINE: Final = ["business_date", "value_date", "kind", "account"]


def journal(transactions: pl.DataFrame, ledger: pl.LazyFrame) -> pl.DataFrame:
    """JOURNAL rows of some days, from their booked transactions and all their ledger rows."""
    sums = (
        ledger.group_by("business_date", "value_date", "holder_kind", "asset", "kind")
        .agg(amount_fen=pl.col("amount_fen").cast(WIDE).sum())
        .collect(engine="streaming")
    )
    lines = pl.concat([_sales(transactions), _posted(sums), _payouts(sums)])
    net = lines.group_by(_LINE).agg(pl.col("credit_fen").sum()).filter(pl.col("credit_fen") != 0)
    credit = pl.col("credit_fen").cast(FEN)
    return (
        net.with_columns(
            debit_fen=pl.max_horizontal(-credit, pl.lit(0, FEN)),
            credit_fen=pl.max_horizontal(credit, pl.lit(0, FEN)),
        )
        .select(JOURNAL.schema.keys())
        .sort(JOURNAL.key)
    )


def _sales(transactions: pl.DataFrame) -> pl.DataFrame:
    sign = pl.when(pl.col("kind") == "refund").then(-1).otherwise(1)
    amount, voucher = sign * pl.col("amount_fen"), sign * pl.col("voucher_fen")
    concession = pl.col("concession_fen")  # of a refund negative already
    accounts = {
        CLEARING: voucher - amount,
        VOUCHERS: 0 - voucher,  # 128 bits have no negation
        PAYABLES["merchant"]: amount - concession,
        FUND: concession,
    }
    sums = transactions.group_by("business_date").agg(
        credit.cast(WIDE).sum().alias(account) for account, credit in accounts.items()
    )
    lines = sums.unpivot(index="business_date", variable_name="account", value_name="credit_fen")
    return lines.select(
        "business_date",
        value_date="business_date",
        kind=pl.lit("sales"),
        account="account",
        credit_fen="credit_fen",
    )


def _posted(sums: pl.DataFrame) -> pl.DataFrame:
    schema = dict.fromkeys(("kind", "entry", "debit", "credit"), pl.String)
    entries = pl.DataFrame([(kind, *entry) for kind, entry in ENTRIES.items()], schema=schema, orient="row")
    rows = sums.join(entries, on="kind")
    return pl.concat(
        [
            rows.select(
                "business_date",
                "value_date",
                kind="entry",
                account="debit",
                credit_fen=0 - pl.col("amount_fen"),
            ),
            rows.select("business_date", "value_date", kind="entry", account="credit", credit_fen="amount_fen"),
        ]
    )


def _payouts(sums: pl.DataFrame) -> pl.DataFrame:
    """A payout's ledger rows are negative: its account is debited, clearing credited."""
    rows = sums.filter(pl.col("kind") == "payout")
    payable = pl.format("{}_payable", "holder_kind")
    account = pl.when(pl.col("asset") == "voucher").then(pl.lit(VOUCHERS)).otherwise(payable)
    return pl.concat(
        [
            rows.select("business_date", "value_date", "kind", account=account, credit_fen="amount_fen"),
            rows.select(
                "business_date",
                "value_date",
                "kind",
                account=pl.lit(CLEARING),
                credit_fen=0 - pl.col("amount_fen"),
            ),
        ]
    )


def account_balances(rows: pl.DataFrame) -> dict[str, int]:
    """Credit less debit per account, in fen."""
    sums = rows.group_by("account").agg((pl.col("credit_fen").cast(WIDE) - pl.col("debit_fen").cast(WIDE)).sum())
    return {account: int(fen) for account, fen in sums.iter_rows()}
