"""Who is bound and who is referred; the vouchers that they earn from it (SPEC 7)."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.oracle.ledger import Ledger
from tests.oracle.readings import Reading
from tests.oracle.reference import Reference
from tests.oracle.rules import Rules
from tests.oracle.units import toward_zero

if TYPE_CHECKING:
    from tests.oracle.earning import Transaction


def bound_merchant(reference: Reference, rules: Rules, purchase: Reading) -> int | None:
    """The merchant that earns from the member's purchase, strictly after the binding."""
    moment = purchase.occurred_at
    bindings = [
        (row["bound_at"], row["merchant_id"]) for row in reference.bindings.get(purchase.values["member_id"], [])
    ]
    if not bindings:
        return None
    when = min(bindings)[0]
    if rules.rebind:
        when = max((bound_at for bound_at, _ in bindings if bound_at < moment), default=when)
    if when >= moment:
        return None
    merchant_id: int = min(merchant for bound_at, merchant in bindings if bound_at == when)
    if not rules.own_store and merchant_id == purchase.values["merchant_id"]:
        return None
    return merchant_id


def earning_referrer(reference: Reference, rules: Rules, purchase: Reading) -> int | None:
    member = reference.members[purchase.values["member_id"]]
    window = timedelta(days=rules.referral_days)
    if rules.referral_days and purchase.occurred_at >= member["joined_at"] + window:
        return None
    referrer: int | None = member["referrer_id"]
    return referrer


def reward(ledger: Ledger, rules: Rules, transactions: "list[Transaction]") -> None:
    """The day's net points per merchant and per referrer, then R2 once, at the day's rates."""
    bound: Counter[int] = Counter()
    referred: Counter[int] = Counter()
    for transaction in transactions:
        if transaction.bound_merchant_id is not None:
            bound[transaction.bound_merchant_id] += transaction.earned.points
        if transaction.referrer_id is not None:
            referred[transaction.referrer_id] += transaction.earned.points
    for merchant_id, points in bound.items():
        amount = toward_zero(points * rules.binding_rate)
        ledger.add("merchant", merchant_id, "voucher", "binding_reward", amount)
    for member_id, points in referred.items():
        amount = toward_zero(points * rules.referral_rate)
        ledger.add("member", member_id, "voucher", "referral_reward", amount)
