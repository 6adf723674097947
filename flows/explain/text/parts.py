"""The parts of an amount in sentences, each ending with what it adds."""

from collections.abc import Callable, Mapping
from typing import Final

from flows.explain.text.cohorts import clawback, dividend, retired
from flows.explain.text.figures import cut, moment, money, percent, signed
from flows.explain.text.sales import sale
from transforms.explain.model import Amount, Facts


def part(amount: Amount, facts: Facts) -> str:
    """One summand."""
    if amount.origin == "restatement":
        return _restated(facts)
    return f"{_PARTS[amount.kind](amount, facts)}: {signed(facts['amount_fen'])}"


def _restated(facts: Facts) -> str:
    if "booked_on" in facts:
        return f"booked already on {facts['booked_on']}, {signed(facts['booked_fen'])}: {signed(facts['amount_fen'])}"
    return (
        f"{_dated(facts)}: should have been {money(facts['due_fen'])}, "
        f"posted was {money(facts['posted_fen'])}: {signed(facts['amount_fen'])}"
    )


def _dated(facts: Facts) -> str:
    later = facts["value_date"] != facts["business_date"]
    return f"{facts['business_date']}" + (f" (counts from {facts['value_date']})" if later else "")


def _reward(_: Amount, facts: Facts) -> str:
    points, rate = facts["points_fen"], facts["rate_pico"]
    return f"{money(points)} points together x {percent(rate)} = {cut(points, rate, facts['amount_fen'])}"


def _commission(_: Amount, facts: Facts) -> str:
    points, rate = facts["performance_fen"], facts["rate_pico"]
    return f"performance {money(points)} x {percent(rate)} = {cut(points, rate, facts['amount_fen'])}"


def _mentoring(_: Amount, facts: Facts) -> str:
    points, rate = facts["mentee_performance_fen"], facts["rate_pico"]
    whole = f"mentee {facts['mentee_id']}: {money(points)} x {percent(rate)} = {cut(points, rate, facts['whole_fen'])}"
    full = facts["mentor_performance_fen"] >= facts["full_at_fen"]
    mentor = f"mentor {facts['mentor_id']}'s performance of {money(facts['mentor_performance_fen'])}"
    below = "in full" if full else f"({facts['below']}, below {money(facts['full_at_fen'])})"
    share = f"{mentor} gets {money(facts['share_fen'])} of it {below}"
    return f"{whole}; {share}" if facts["part"] == "share" else f"{whole}; {share}, the rest goes up"


def _subsidy(amount: Amount, facts: Facts) -> str:
    if amount.kind == "fixed_subsidy":
        return f"each month at level {facts['level']}"
    if facts["assessment_fen"] is None:
        return f"level {facts['level']} has no assessment"
    return f"performance {money(facts['performance_fen'])}, assessment {money(facts['assessment_fen'])}: met"


def _agent(_: Amount, facts: Facts) -> str:
    fen, rate = facts["concession_fen"], facts["rate_pico"]
    whole = f"{facts['tier']} {facts['region_prefix']}: concessions {money(fen)} x {percent(rate)}"
    shares = "".join(
        f", less {money(row['amount_fen'])} to partner {row['partner_id']} ({percent(row['share_pico'])})"
        for row in facts["partner_shares"]
    )
    return f"{whole} = {cut(fen, rate, facts['whole_fen'])}{shares}"


def _partner(_: Amount, facts: Facts) -> str:
    fen, share = facts["whole_fen"], facts["share_pico"]
    whole = f"agent {facts['agent_id']}'s {money(fen)} of region {facts['region_prefix']}"
    return f"{whole} x {percent(share)} = {cut(fen, share, facts['amount_fen'])}"


def _moved(_: Amount, facts: Facts) -> str:
    return f"{facts['id']} of {moment(facts['occurred_at'])}"


_PARTS: Final[Mapping[str, Callable[[Amount, Facts], str]]] = {
    **dict.fromkeys(("points_earned", "coins_earned", "redemption", "sales_proceeds"), sale),
    "dividend": dividend,
    "dividend_clawback": clawback,
    "points_retired": retired,
    "binding_reward": _reward,
    "referral_reward": _reward,
    "commission": _commission,
    "mentoring": _mentoring,
    "fixed_subsidy": _subsidy,
    "bonus_subsidy": _subsidy,
    "agent_commission": _agent,
    "partner_share": _partner,
    "coins_redeemed": _moved,
    "payout": _moved,
}
