"""The bill of a backfill (SPEC 14): what would change, in money, before anything does."""

from typing import Any

import polars as pl

from flows.settlement.closed.rewritten import rewritten_days
from flows.settlement.plan import Span
from flows.settlement.posting import due, restated_days
from lake.draft.draft import Draft
from schemas.tables import BALANCES, DAYS, POOL_EVENTS
from transforms.corrections.bill import amounts, below_zero, changed_events, movers
from transforms.corrections.restatement import changed_rows

MOVERS = 20
"""How many holders a bill names."""


def bill(span: Span, base: Draft, draft: Draft) -> dict[str, Any]:
    """Days, events, amounts per kind, the holders that move most, balances that fall below zero; amounts in fen.

    `base`: as it is; `draft`: as it would be, settled but neither restated nor committed.
    """
    restated = restated_days(base)
    corrected = restated | frozenset(day for day in span.days if day <= draft.closed_through)
    before = due(base, span.first, span.last, restated)
    after = due(draft, span.first, span.last, corrected)
    changed = changed_rows(before, after).collect()
    days = changed["business_date"].unique()
    closed = changed.filter(pl.col("business_date") <= draft.closed_through)
    settled = base.small(DAYS)["business_date"]
    return {
        "first": span.first,
        "last": span.last,
        "days_changed": sorted(set(days) & set(settled)),
        "days_new": sorted(set(span.days) - set(settled)),
        "closed_days_changed": sorted({*closed["business_date"], *rewritten_days(span, base, draft)}),
        "holders": changed.select("holder_kind", "holder_id").n_unique(),
        "amounts": amounts(changed).to_dicts(),
        "to_restate": amounts(closed).to_dicts(),
        "events": changed_events(base.small(POOL_EVENTS), draft.small(POOL_EVENTS)).to_dicts(),
        "movers": movers(changed, MOVERS).to_dicts(),
        "below_zero": below_zero(base.scan(BALANCES), changed).to_dicts(),
    }
