"""Each kind of amount in sentences: what the event or month was, and what each part and input is."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flows.explanation.figures import cut, moment, money, number, percent, signed
from transforms.explanation.model import Amount, Facts

TITLES: Final = {
    "points_earned": "points earned 积分",
    "points_retired": "points retired",
    "coins_earned": "gold coins earned 金币",
    "coins_redeemed": "gold coins spent in the mall",
    "redemption": "vouchers used or returned",
    "dividend": "dividend 分红",
    "dividend_clawback": "dividend taken back after a refund",
    "binding_reward": "binding reward 绑定奖励",
    "referral_reward": "referral reward 推荐奖励",
    "sales_proceeds": "sales less concession 让利",
    "commission": "commission 佣金",
    "mentoring": "mentoring 辅导",
    "fixed_subsidy": "fixed subsidy 固定补贴",
    "bonus_subsidy": "bonus subsidy 奖励补贴",
    "agent_commission": "commission of a regional agent 区域代理",
    "partner_share": "share of a partner 合伙人",
    "payout": "paid out",
}
ASSETS: Final = {"points": "points", "coins": "coins", "voucher": "vouchers 抵用券", "cash": "yuan"}


def title(amount: Amount) -> str:
    """`+1.15 vouchers 抵用券: dividend 分红 of pool consumer`."""
    pool = f" of pool {amount.pool}" if amount.pool else ""
    restated = ", restatement 重述" if amount.origin == "restatement" else ""
    return f"{signed(amount.amount_fen)} {ASSETS[amount.asset]}: {TITLES[amount.kind]}{pool}{restated}"


def background(amount: Amount, facts: Facts) -> list[str]:
    """The event or the month that an amount belongs to."""
    if "event_no" in facts:
        return _event(facts)
    if "performance_fen" in facts:
        return _promoter_month(facts)
    return [f"Month {facts['month']:%Y-%m}."] if "month" in facts else []


def _event(facts: Facts) -> list[str]:
    value, baseline = money(facts["value_fen"]), money(facts["baseline_fen"])
    grown = percent(facts["growth_pico"])
    why = {
        "launch": f"the pool's value 分红值 had reached {value}, at least {baseline}: the launch",
        "growth": f"the pool's value 分红值 had reached {value}, at or over the target of {grown} above {baseline}",
        "deadline": f"the deadline had come; the pool's value 分红值 was {value}, {grown} above {baseline}",
    }[facts["trigger"]]
    lines = [f"Event {facts['event_no']}, at the end of {facts['cutoff_date']}: {why}."]
    if facts["event_shortfall_fen"]:
        paid = "each rate was scaled down" if facts["on_shortfall"] == "scale" else "it was paid in full all the same"
        lines.append(f"The budget was short of the whole event by {money(facts['event_shortfall_fen'])}: {paid}.")
    return lines


def _promoter_month(facts: Facts) -> list[str]:
    lines = [
        f"Month {facts['month']:%Y-%m} at level {facts['level']} {facts['level_title']}: "
        f"performance 业绩 {money(facts['performance_fen'])} points."
    ]
    if facts["next_level"] != facts["level"]:
        return [*lines, f"From the next month on at level {facts['next_level']}."]
    good, bad = facts["promotion_streak"], facts["miss_streak"]
    counted = [f"{good} in a row good for promotion"] * bool(good) + [f"{bad} in a row below the assessment"] * bool(
        bad
    )
    return [*lines, *([f"Months so far: {', '.join(counted)}."] if counted else [])]


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


def _sale(amount: Amount, facts: Facts) -> str:
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


def _cohort(facts: Facts) -> str:
    after = facts["lots_after"]
    since = f"after {after} " if after else ""
    return f"cohort {facts['cohort_no']} (points booked {since}up to {facts['lots_through']})"


def _dividend(_: Amount, facts: Facts) -> str:
    points, rate = facts["points_fen"], facts["rate_after_pico"]
    before = cut(points, facts["rate_before_pico"], facts["entitled_before_fen"])
    return (
        f"{_cohort(facts)}: payout {facts['payout_no']} of at most {facts['max_payouts']} on {money(points)} points; "
        f"all payouts so far {percent(rate)} = {cut(points, rate, facts['entitled_after_fen'])}, "
        f"before {percent(facts['rate_before_pico'])} = {before}"
    )


def _clawback(_: Amount, facts: Facts) -> str:
    before, after, rate = facts["points_before_fen"], facts["points_after_fen"], facts["rate_pico"]
    return (
        f"{_cohort(facts)}: {money(after)} of {money(before)} points are left; all payouts so far, {percent(rate)}, "
        f"of {money(after)} = {cut(after, rate, facts['entitled_after_fen'])}, "
        f"of {money(before)} = {cut(before, rate, facts['entitled_before_fen'])}"
    )


def _retired(_: Amount, facts: Facts) -> str:
    if "payout_no" not in facts:
        before, after = money(facts["points_before_fen"]), money(facts["points_after_fen"])
        return f"{_cohort(facts)} is retired, {before} points before the refund and {after} after it; put back"
    return (
        f"{_cohort(facts)}: {percent(facts['rate_after_pico'])} of a ceiling of {percent(facts['ceiling_pico'])} "
        f"paid, in {facts['payout_no']} payouts of at most {facts['max_payouts']}; nothing more can come"
    )


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
    **dict.fromkeys(("points_earned", "coins_earned", "redemption", "sales_proceeds"), _sale),
    "dividend": _dividend,
    "dividend_clawback": _clawback,
    "points_retired": _retired,
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


def source(amount: Amount, row: Mapping[str, Any]) -> str:
    """One input: a row that was summed before the rule was applied."""
    if "region_code" in row:
        return f"region {row['region_code']}, {row['rows']:,} rows: concessions {money(row['concession_fen'])}"
    if "rows" in row:
        return f"merchant {row['merchant_id']}, {row['rows']:,} rows: {money(row['points_fen'])} points"
    if "original_txn_id" in row:
        of = f"of purchase {row['original_txn_id']} of {row['original_date']}"
        return f"refund {row['txn_id']} {of}, cohort {row['cohort_no']}: {money(row['points_fen'])} points"
    who = f"member {row['member_id']} at merchant {row['merchant_id']}"
    what = f"{row['transaction']} {row['txn_id']} of {moment(row['occurred_at'])}"
    return f"{what}, {who}: {money(row['points_fen'])} points"
