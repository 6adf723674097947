"""Purchases and refunds as parts of an amount, in sentences."""

from collections.abc import Callable, Mapping
from typing import Final

from flows.explain.text.figures import cut, moment, money, number, percent
from flows.explain.text.titles import TITLES
from transforms.explain.model import Amount, Facts


def sale(amount: Amount, facts: Facts) -> str:
    """A purchase or refund, and what it came to for its member or merchant."""
    who = f"at merchant {facts['merchant_id']}" if "merchant_id" in facts else f"by member {facts['member_id']}"
    vouchers = f", {money(facts['voucher_fen'])} of it in vouchers" if facts["voucher_fen"] else ""
    late = ", booked late" if facts["is_late"] else ""
    head = f"{facts['transaction']} {facts['txn_id']} of {moment(facts['occurred_at'])} {who}{late}"
    head += f": {money(facts['order_fen'])}{vouchers}"
    if facts["transaction"] == "refund":
        return head + _taken_back(amount, facts)
    return head + _EARNED[amount.kind](facts)


def _taken_back(amount: Amount, facts: Facts) -> str:
    text = f" of purchase {facts['original_txn_id']} of {facts['original_date']} over {money(facts['bought_fen'])}"
    if facts["refunded_fen"]:
        text += f", of which {money(facts['refunded_fen'])} had been refunded"
    if "earned_before_fen" not in facts:
        return text
    what = "concession" if amount.kind == "sales_proceeds" else TITLES[amount.kind].split(" earned")[0]
    before, after = money(facts["earned_before_fen"]), money(facts["earned_after_fen"])
    return f"{text}; {what} on the rest {after}, before {before}"


def _concession(facts: Facts) -> str:
    rate = facts["concession_rate_pico"]
    return f" x {percent(rate)} concession = {cut(facts['order_fen'], rate, facts['concession_fen'], 'rounded')}"


def _points(facts: Facts) -> str:
    factor = facts["per_yuan_pico"]
    if number(factor) == "1" and (facts["voucher_spend"] == "full" or not facts["voucher_fen"]):
        rate = facts["concession_rate_pico"]
        return f" x {percent(rate)} = {cut(facts['order_fen'], rate, facts['amount_fen'], 'rounded')} points"
    base = {"full": "on the whole amount", "cash": "on the amount less vouchers", "none": "only without vouchers"}
    rate = percent(facts["concession_rate_pico"])
    return f"; {number(factor)} points a yuan of concession at {rate}, {base[facts['voucher_spend']]}, rounded"


def _coins(facts: Facts) -> str:
    factor = facts["per_yuan_pico"]
    coins = cut(facts["concession_fen"], factor, facts["amount_fen"])
    return f"{_concession(facts)}; {number(factor)} coins for each yuan of that = {coins}"


_EARNED: Final[Mapping[str, Callable[[Facts], str]]] = {
    "points_earned": _points,
    "coins_earned": _coins,
    "redemption": lambda _: "",
    "sales_proceeds": lambda facts: f"{_concession(facts)}; the order less that",
}
