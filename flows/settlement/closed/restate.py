"""Closed days in a backfill (SPEC 14): postings stand, history is corrected, the difference is booked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from flows.settlement.plan import Span
from flows.settlement.posting import due, restated_days
from lake.draft.draft import Draft
from schemas.errors import InputRefusedError
from schemas.tables import CORRECTIONS, DAYS, JOURNAL_DUE, JOURNAL_RESTATEMENTS, LEDGER
from transforms.corrections.restatement import (
    RESTATEMENT,
    changed_rows,
    net_entries,
    restatement_entries,
    restatement_rows,
)


class ClosedDaysError(InputRefusedError):
    """A backfill that would change closed days, and was not told to restate; `bill` says what it would change."""

    def __init__(self, bill: Mapping[str, Any], closed_through: date) -> None:
        days = bill["closed_days_changed"]
        super().__init__(
            f"this would change {len(days)} closed days, {days[0]} to {days[-1]}",
            where=f"closed through {closed_through}",
            todo="look at the bill; to book the difference on the latest settled day, run again with --restate",
        )
        self.bill = bill


@dataclass(frozen=True)
class ClosedChange:
    """What a recomputation would change on closed days: rows of `changed_rows`; none if nothing."""

    rows: pl.DataFrame

    def __bool__(self) -> bool:
        return not self.rows.is_empty()


def closed_change(span: Span, base: Draft, draft: Draft) -> ClosedChange:
    """Compare the closed days of `span` as `base` has them due with what `draft` has computed."""
    last = min(draft.closed_through, span.last)
    if last < span.first:
        return ClosedChange(LEDGER.empty())
    draft.flush(CORRECTIONS)
    before = due(base, span.first, last, restated_days(base))
    after = draft.between(CORRECTIONS, span.first, last)
    return ClosedChange(changed_rows(before, after).collect())


def restate(span: Span, change: ClosedChange, base: Draft, draft: Draft) -> None:
    """Book the change on the last day of `span`, mark its closed days as restated, keep older restatements.

    Raises InputRefusedError (12) if that day is closed.
    """
    if change and span.last <= draft.closed_through:
        raise InputRefusedError(
            f"the latest settled day, {span.last}, is closed: there is no open day to book the restatement on",
            where=f"closed through {draft.closed_through}",
            todo="settle a night first, then restate",
        )
    _mark(span, bool(change), base, draft)
    low, after_closed = span.first.isoformat(), draft.closed_through.isoformat()
    reopened = base.scan(LEDGER, business_date=lambda day: day >= low and day > after_closed)
    booked = reopened.filter(pl.col("origin") == RESTATEMENT).collect()
    draft.gather(LEDGER, restatement_rows(_rows(change), booked, span.last))
    draft.flush(LEDGER)
    if change:
        closed = pl.col("business_date").is_between(span.first, draft.closed_through)
        old, new = (side.small(JOURNAL_DUE).filter(closed) for side in (base, draft))
        entries = [draft.small(JOURNAL_RESTATEMENTS), restatement_entries(old, new, span.last)]
        draft.replace(JOURNAL_RESTATEMENTS, net_entries(pl.concat(entries)))


def _rows(change: ClosedChange) -> pl.DataFrame:
    if change:
        return change.rows
    return changed_rows(LEDGER.empty().lazy(), LEDGER.empty().lazy()).collect()


def _mark(span: Span, changed: bool, base: Draft, draft: Draft) -> None:
    """Days whose ledger is due from the corrections: those of before, and the closed days of a restatement."""
    restated = restated_days(base)
    if changed:
        restated |= frozenset(day for day in span.days if day <= draft.closed_through)
    days = draft.small(DAYS)
    draft.replace(DAYS, days.with_columns(restated=pl.col("business_date").is_in(list(restated))))
    names = {day.isoformat() for day in restated}
    draft.keep(CORRECTIONS, business_date=lambda day: day in names)
