"""What a month's end posts, explained: the rows that promoters, agents and partners are paid for."""

from collections.abc import Iterator, Sequence

import polars as pl

from flows.explain.amounts import by_day
from flows.explain.rows import Books
from schemas.reference import AGENTS, PARTNERS, PROMOTERS
from schemas.units import ONE_DAY
from transforms.explain import agents, promoters
from transforms.explain.model import Amount, Explanation


def of_promoters(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    """Commissions and subsidies of the promoter, month by month."""
    reference = books.reference(PROMOTERS)
    days = by_day(amounts)
    sums = books.month_sales(days, "merchant_id", "points_fen", pl.col("promoter_id") == books.holder_id)
    for month_end, of_month in days.items():
        first = month_end.replace(day=1)
        month = promoters.PromoterMonth(
            month_end,
            books.holder_id,
            sums[month_end],
            books.promoter_months(first),
            books.promoter_months((first - ONE_DAY).replace(day=1)),
            reference,
        )
        yield from promoters.explain_promoter_month(of_month, month, books.rulebook)


def of_agents(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    """Commissions of the agent, or the partner's shares of agents' commissions, month by month."""
    partners = books.reference(PARTNERS)
    column = "agent_id" if books.holder_kind == "agent" else "partner_id"
    partners = partners.filter(pl.col(column) == books.holder_id)
    named = [books.holder_id] if books.holder_kind == "agent" else partners["agent_id"].to_list()
    rows = books.reference(AGENTS).filter(pl.col("agent_id").is_in(named))
    region = pl.any_horizontal(
        pl.lit(False), *(pl.col("region_code").str.starts_with(prefix) for prefix in rows["region_prefix"].unique())
    )
    days = by_day(amounts)
    concessions = books.month_sales(days, "region_code", "concession_fen", region)
    for month_end, of_month in days.items():
        month = agents.AgentMonth(month_end, concessions[month_end], rows, partners)
        for amount in of_month:
            yield agents.explain_agent_month(amount, month, books.rulebook)
