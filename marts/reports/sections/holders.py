"""Who was settled: merchants 商家 always, promoters 推广员 and regional agents 区域代理 where a month ends."""

from collections.abc import Mapping, Sequence

from marts.reading import Row
from marts.reports.figures import CORRECTED, Figures
from marts.reports.sections import Section
from marts.reports.tables import Column, money, number, table
from marts.reports.words import chinese, many, text

_CORRECTED = "; where restatements have corrected closed days since, posted and corrected figures stand side by side"


def merchants_section(found: Figures) -> Section:
    """Sales, concessions, proceeds, payouts, and what is still owed."""
    columns = (
        Column("merchant_id", "Merchant", text),
        number("transactions", "Transactions"),
        money("sales", f"Sales {chinese('销售额')}"),
        money("concession", f"Concession {chinese('让利')}"),
        money("proceeds", f"Proceeds {chinese('货款')}"),
        money("payouts", f"Paid out {chinese('已付')}"),
        *([money("restated", f"Restated {chinese('重述')}")] if found.restated else []),
        money("payable", f"Payable {chinese('应付')}"),
        *([money(name, name.replace("_", " ").capitalize()) for name in CORRECTED] if found.restated else []),
    )
    listed = found.merchants
    also = _CORRECTED if found.restated else ""
    body = table(
        "merchants",
        f"Merchants by sales, in yuan; refunds are taken off, and what is payable is as of the last day{also}",
        columns,
        listed.shown,
        totals=listed.totals,
        left_out=listed.left_out,
    )
    return Section("merchants", "Merchants' settlements", "商家结算", body or _none("No merchant sold anything."))


def promoters_section(found: Figures, titles: Mapping[str, str]) -> Section:
    """The ladder and the promoters that earned most."""
    listed = found.promoters
    columns = (
        Column("promoter_id", "Promoter", text),
        Column("level", "Level", lambda code: _level(code, titles)),
        money("performance", f"Performance {chinese('业绩')}"),
        money("commission", f"Commission {chinese('佣金')}"),
        money("mentoring", f"Mentoring {chinese('辅导')}"),
        money("subsidies", f"Subsidies {chinese('补贴')}"),
        money("pay", "Pay of the month"),
        Column("next_level", "Next month", lambda code: _level(code, titles)),
    )
    caption = "Promoters by pay, in yuan; performance in points"
    people = table("promoters", caption, columns, listed.shown, totals=listed.totals, left_out=listed.left_out)
    body = _moves(found.ladder) + _ladder(found.ladder, titles) + people
    return Section("promoters", "Promoters' ladder", "推广员晋级", body or _none("No promoter takes part."))


def _moves(ladder: Sequence[Row]) -> str:
    if not ladder:
        return ""
    moved = sum(row["promoters"] for row in ladder if row["level"] != row["next_level"])
    return f"<p>{many(moved, 'promoter')} {'moves' if moved == 1 else 'move'} to another level next month.</p>"


def _ladder(ladder: Sequence[Row], titles: Mapping[str, str]) -> str:
    columns = (
        Column("level", "Level", lambda code: _level(code, titles)),
        Column("next_level", "Next month", lambda code: _level(code, titles)),
        number("promoters", "Promoters"),
        money("performance", f"Performance {chinese('业绩')}"),
        money("pay", "Pay of the month"),
    )
    return table("ladder", "Who stands where, and where they stand next month", columns, ladder)


def _level(code: str, titles: Mapping[str, str]) -> str:
    return f"{text(code)} {chinese(titles[code])}" if code in titles else text(code)


def agents_section(found: Figures) -> Section:
    """What each region conceded, and what its agent and partners got."""
    listed = found.agents
    columns = (
        Column("agent_id", "Agent", text),
        Column("region_prefix", "Region", text),
        money("concession", f"Concession {chinese('让利')}"),
        money("amount", "Commission"),
        money("partner_amount", f"of it to partners {chinese('合伙人')}"),
        money("agent_amount", f"of it to the agent {chinese('区域代理')}"),
    )
    caption = "Regional agents by commission, in yuan; a county counts for its city and province too"
    body = table("agents", caption, columns, listed.shown, totals=listed.totals, left_out=listed.left_out)
    return Section("agents", "Regional agents", "区域代理", body or _none("No agent was in force on the last day."))


def _none(words: str) -> str:
    return f'<p class="none">{words}</p>'
