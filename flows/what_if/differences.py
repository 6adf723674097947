"""What other rules would have made of some days: money by kind, cohort and day, and who gains or loses most."""

from datetime import date
from typing import Any, Final

import polars as pl

from flows.settlement.plan import Span
from flows.settlement.posting import due, restated_days
from lake.draft.draft import Draft
from schemas.tables import COHORT_CHANGES, COHORT_RATES, COHORTS, DAYS, JOURNAL_DUE, POOL_EVENTS
from schemas.units import WIDE
from transforms.books.journal import FUND
from transforms.corrections.bill import changed_events
from transforms.corrections.comparison import changed_days
from transforms.corrections.what_if import by_cohort, by_day, by_holder, by_kind, cohort_sums, most

NAMED: Final = 20
"""How many holders are named on each side."""


def what_if(span: Span, base: Draft, draft: Draft) -> dict[str, Any]:
    """The two histories of the span's days; amounts in fen. `base`: as it stands, `draft`: under the other rules."""
    restated = restated_days(base)
    corrected = restated | frozenset(day for day in span.days if day <= draft.closed_through)
    before = due(base, span.first, span.last, restated)
    after = due(draft, span.first, span.last, corrected)
    holders = by_holder(before, after)
    return {
        "first": span.first,
        "last": span.last,
        "fund": _fund(span, base, draft),
        "quarantined": [_quarantined(span, side) for side in (base, draft)],
        "kinds": by_kind(before, after).to_dicts(),
        "cohorts": by_cohort(_cohorts(span, base), _cohorts(span, draft)).to_dicts(),
        "days": by_day(before, after).to_dicts(),
        "events": changed_events(_events(span, base), _events(span, draft)).to_dicts(),
        "holders": holders.height,
        "gain": most(holders, NAMED, gain=True).to_dicts(),
        "lose": most(holders, NAMED, gain=False).to_dicts(),
        "feeds_changed": _feeds_changed(span, base, draft),
    }


def _fund(span: Span, base: Draft, draft: Draft) -> dict[str, int]:
    """What the settlement fund gains in the span."""
    before, after = (_fund_gains(span, side) for side in (base, draft))
    return {"before_fen": before, "after_fen": after, "difference_fen": after - before}


def _fund_gains(span: Span, side: Draft) -> int:
    rows = _of(span, side.small(JOURNAL_DUE)).filter(pl.col("account") == FUND)
    return int((rows["credit_fen"].cast(WIDE) - rows["debit_fen"].cast(WIDE)).sum())


def _quarantined(span: Span, side: Draft) -> int:
    return int(_of(span, side.small(DAYS))["rows_quarantined"].sum())


def _of(span: Span, rows: pl.DataFrame, column: str = "business_date") -> pl.DataFrame:
    return rows.filter(pl.col(column).is_between(span.first, span.last))


def _events(span: Span, side: Draft) -> pl.DataFrame:
    return _of(span, side.small(POOL_EVENTS), "cutoff_date")


def _cohorts(span: Span, side: Draft) -> pl.DataFrame:
    cohorts, events, rates, changes = map(side.small, (COHORTS, POOL_EVENTS, COHORT_RATES, COHORT_CHANGES))
    return cohort_sums(cohorts, events, rates, changes, span.first, span.last)


def _feeds_changed(span: Span, base: Draft, draft: Draft) -> list[date]:
    """Days whose feed is not what was settled: what differs on them may be the feed's doing, not the rules'."""
    before, after = (_of(span, side.small(DAYS)) for side in (base, draft))
    return list(changed_days(before, after, "input_fingerprint"))
