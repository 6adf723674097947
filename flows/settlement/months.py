"""Month-ends within a block: promoters, then agents and partners, in the run of the month's last day (SPEC 8, 9)."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.posting import post
from lake.draft.draft import Draft
from schemas.tables import AGENT_MONTHS, PROMOTER_MONTHS, TRANSACTIONS
from schemas.units import ONE_DAY, WIDE
from transforms.months.agents import agent_month, agent_postings
from transforms.months.promoters import promoter_month, promoter_postings


def settle_months(days: Sequence[date], inputs: Inputs, draft: Draft) -> None:
    """Settle every month whose last day is among `days`, in order; the days' transactions are in the draft."""
    for day in days:
        if (day + ONE_DAY).day == 1:
            _promoters(day, inputs, draft)
            _agents(day, inputs, draft)


def _promoters(month_end: date, inputs: Inputs, draft: Draft) -> None:
    performance = _sums(month_end, draft, "promoter_id", "points_fen")
    previous = (month_end.replace(day=1) - ONE_DAY).replace(day=1).isoformat()
    before = draft.scan(PROMOTER_MONTHS, month=lambda month: month == previous).collect()
    rules = inputs.rulebook.on(month_end)
    months = promoter_month(month_end, performance, inputs.reference.promoters, before, rules)
    draft.append(PROMOTER_MONTHS, months)
    post(promoter_postings(months, month_end, inputs.buckets), draft)


def _agents(month_end: date, inputs: Inputs, draft: Draft) -> None:
    concessions = _sums(month_end, draft, "region_code", "concession_fen")
    reference, rules = inputs.reference, inputs.rulebook.on(month_end)
    months, shares = agent_month(month_end, concessions, reference.agents, reference.partners, rules)
    draft.append(AGENT_MONTHS, months)
    post(agent_postings(months, shares, month_end, inputs.buckets), draft)


def _sums(month_end: date, draft: Draft, key: str, amount: str) -> pl.DataFrame:
    """Net sums of the month's booked rows per `key`."""
    rows = draft.between(TRANSACTIONS, month_end.replace(day=1), month_end).filter(pl.col(key).is_not_null())
    return rows.group_by(key).agg(pl.col(amount).cast(WIDE).sum()).sort(key).collect()
