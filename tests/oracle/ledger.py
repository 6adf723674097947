"""The ledger: one sum per day, value date, holder, asset, kind and pool (SPEC 10)."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from tests.oracle.readings import Reading

if TYPE_CHECKING:
    from tests.oracle.earning import Transaction

Key = tuple[date, date, str, int, str, str, str]


class Ledger:
    """Hundredths by key. `day` is the business date that is being settled."""

    def __init__(self) -> None:
        self.day = date.min
        self.rows: Counter[Key] = Counter()

    def add(
        self,
        holder_kind: str,
        holder_id: int,
        asset: str,
        kind: str,
        amount: int,
        *,
        pool: str = "",
        value_date: date | None = None,
    ) -> None:
        self.rows[self.day, value_date or self.day, holder_kind, holder_id, asset, kind, pool] += amount

    def posted(self) -> list[tuple[Key, int]]:
        return [(key, amount) for key, amount in self.rows.items() if amount]

    def balances(self) -> dict[tuple[str, int, str], int]:
        sums: Counter[tuple[str, int, str]] = Counter()
        for (_, _, holder_kind, holder_id, asset, _, _), amount in self.rows.items():
            sums[holder_kind, holder_id, asset] += amount
        return {key: amount for key, amount in sums.items() if amount}


def post_transactions(ledger: Ledger, transactions: "list[Transaction]") -> None:
    for row in transactions:
        earned = row.earned
        ledger.add("member", row.member_id, "points", "points_earned", earned.points)
        ledger.add("merchant", row.merchant_id, "points", "points_earned", earned.points)
        ledger.add("member", row.member_id, "coins", "coins_earned", earned.member_coins)
        ledger.add("merchant", row.merchant_id, "coins", "coins_earned", earned.merchant_coins)
        ledger.add("member", row.member_id, "voucher", "redemption", -row.sign * row.voucher)
        proceeds = row.sign * row.amount - earned.concession
        ledger.add("merchant", row.merchant_id, "cash", "sales_proceeds", proceeds)


def post_redemptions(ledger: Ledger, redemptions: list[Reading]) -> None:
    for row in redemptions:
        holder_kind, holder_id = row.values["holder_kind"], row.values["holder_id"]
        ledger.add(holder_kind, holder_id, "coins", "coins_redeemed", -int(row.amount * 100))


def post_payouts(ledger: Ledger, payouts: list[Reading]) -> None:
    for row in payouts:
        holder_kind, holder_id = row.values["holder_kind"], row.values["holder_id"]
        ledger.add(holder_kind, holder_id, row.values["asset"], "payout", -int(row.amount * 100))
