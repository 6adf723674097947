"""Amounts, counts, rates and dates as the report writes them; names with their Chinese terms beside them."""

from datetime import date
from decimal import ROUND_DOWN, Decimal
from html import escape
from typing import Final

from schemas.shown import shown

NONE: Final = "–"

TERMS: Final = {
    "agent_commission": ("agent commission", "区域代理"),
    "binding_reward": ("binding reward", "绑定"),
    "bonus_subsidy": ("bonus subsidy", "奖励补贴"),
    "cash": ("cash", "现金"),
    "coins": ("gold coins", "金币"),
    "coins_earned": ("gold coins earned", "金币"),
    "coins_redeemed": ("gold coins spent", "金币"),
    "commission": ("commission", "佣金"),
    "consumer": ("consumer", "消费者"),
    "deadline": ("deadline", "到期"),
    "dividend": ("dividend", "分红"),
    "dividend_clawback": ("dividend taken back", "分红冲回"),
    "fixed_subsidy": ("fixed subsidy", "固定补贴"),
    "growth": ("growth", "增长"),
    "launch": ("launch", "启动"),
    "mentoring": ("mentoring", "辅导"),
    "merchant": ("merchant", "商家"),
    "partner_share": ("partner share", "合伙人"),
    "payout": ("paid out", "付款"),
    "points": ("points", "积分"),
    "points_earned": ("points earned", "积分"),
    "points_retired": ("points retired", "积分"),
    "redemption": ("vouchers used or returned", "抵用券"),
    "referral_reward": ("referral reward", "推荐"),
    "restated": ("restatements of closed days", "重述"),
    "sales": ("sales", "销售"),
    "sales_proceeds": ("sales less concession", "货款"),
    "voucher": ("voucher", "抵用券"),
}


def chinese(text: str) -> str:
    """A Chinese term, marked as such for whoever has the page read aloud."""
    return f'<span lang="zh">{escape(shown(text))}</span>'


def term(name: str) -> str:
    """A name of the warehouse in words, as HTML; one that the report does not know stands as it is."""
    known = TERMS.get(name)
    return f"{escape(known[0])} {chinese(known[1])}" if known else text(name)


def text(value: object) -> str:
    """Any value as HTML text."""
    return NONE if value is None or value == "" else escape(shown(str(value)))


def amount(value: Decimal | None) -> str:
    """`1,234.50`; nothing else in a cell, so that it can be copied into a sheet."""
    return NONE if value is None else f"{value:,.2f}"


def yuan(value: Decimal) -> str:
    """`¥1,234.50`, `-¥0.05`."""
    return f"{'-' if value < 0 else ''}¥{abs(value):,.2f}"


def count(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def percent(value: Decimal | None, places: int = 2) -> str:
    """`15.00 %` of 0.15, cut off toward zero, never rounded up to what was not reached."""
    if value is None:
        return NONE
    return f"{(value * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN):,} %"


def day(value: date | None) -> str:
    """`2025-03-16`."""
    return NONE if value is None else value.isoformat()


def long_day(value: date) -> str:
    """`16 March 2025`, whatever language the machine speaks."""
    return f"{value.day} {long_month(value)}"


def long_month(value: date) -> str:
    """`March 2025`."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def many(number: int, one: str, more: str = "") -> str:
    """`1 row`, `2,345 rows`."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def ordinal(number: int) -> str:
    """`1st`, `22nd`, `113th`."""
    last, teens = number % 10, number % 100 // 10 == 1
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th')}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
