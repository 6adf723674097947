"""What an amount is called, the event or month that it belongs to, the rows that it was summed from, in sentences."""

from collections.abc import Mapping
from typing import Any, Final

from flows.explain.text.figures import moment, money, percent, signed
from transforms.explain.model import Amount, Facts

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
