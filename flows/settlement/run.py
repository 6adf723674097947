"""A settlement run as a story: look, lock, compute block by block, commit once, publish."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from flows.settlement.begin import Beginning, Request, begin
from flows.settlement.booking import book
from flows.settlement.books.balances import settle_balances
from flows.settlement.books.days import close_days
from flows.settlement.books.journal import close_books, keep_books, prove
from flows.settlement.closed.bill import bill
from flows.settlement.closed.restate import ClosedDaysError, closed_change, restate
from flows.settlement.closed.restated import record_restatement
from flows.settlement.closed.rewind import rewind
from flows.settlement.closed.rewritten import rewritten_days
from flows.settlement.inputs import Inputs
from flows.settlement.intake.limits import check_pools
from flows.settlement.intake.take_in import take_in
from flows.settlement.kept_rules import keep_rules
from flows.settlement.months import settle_months
from flows.settlement.plan import Span, blocks
from flows.settlement.pools.settle import settle_pools
from flows.settlement.progress import Stages
from lake.draft.compaction import merge_past_months
from lake.draft.draft import Draft
from lake.landing.changed_days import note_files
from lake.runs.run import Run
from schemas.tables import CONTROLS, DAYS
from transforms.books.controls import Control, control_rows, enforce


def settle(request: Request) -> Run | None:
    """Settle the asked days in one atomic run; None if they are settled already from the same inputs and rules.

    The caller holds the lake's lock. Raises SettleError with the exit codes 10 to 13; then nothing has changed.
    """
    begun = begin(request)
    if begun is None:
        return None
    try:
        controls = _settle_days(begun.span, begun.inputs, begun.draft, request)
        _finish(begun, request, controls)
        return request.stages("commit", lambda: _commit(begun, request))
    except BaseException:
        # Stopped after its row was written, a run is the truth all the same.
        if not begun.log.holds(begun.draft.run_id):
            begun.draft.discard()
        raise


def preview(request: Request, tell: Callable[[Span, Draft, Draft], dict[str, Any]] = bill) -> dict[str, Any] | None:
    """What `tell` says of what `settle` would do, by default its bill; None if nothing would change.

    `tell` gets the span, the lake as it is, and the lake as it would be, neither restated nor committed. Nothing stays.
    """
    begun = begin(request)
    if begun is None:
        return None
    try:
        _settle_days(begun.span, begun.inputs, begun.draft, request)
        begun.inputs.landing.require_unchanged()
        return request.stages("bill", lambda: tell(begun.span, begun.stored, begun.draft))
    finally:
        begun.draft.discard()


def _settle_days(span: Span, inputs: Inputs, draft: Draft, request: Request) -> list[Control]:
    if span.rewound:
        rewind(draft, span.first)
    check_pools(span.first, inputs, draft)
    controls: list[Control] = []
    rows = done = 0
    for days in blocks(span.days, inputs.landing, inputs.buckets):
        request.listener.at("settling", done, len(span.days), rows)
        controls += _settle_block(days, inputs, draft, request.stages)
        done += len(days)
        rows = int(draft.small(DAYS).filter(pl.col("business_date") >= span.first)["rows_in"].sum())
    request.listener.at("balances and controls", done, len(span.days), rows)
    return controls


def _finish(begun: Beginning, request: Request, controls: list[Control]) -> None:
    """Closed days, the books as posted, balances, and the proof of it all."""
    span, inputs, stored, draft = begun.span, begun.inputs, begun.stored, begun.draft
    change = closed_change(span, stored, draft)
    if not request.restate and (change or rewritten_days(span, stored, draft)):
        raise ClosedDaysError(bill(span, stored, draft), draft.closed_through)
    restate(span, change, stored, draft)
    if request.restate:
        record_restatement(span, change, inputs.buckets, stored, draft)
    controls += close_books(span, draft)
    totals = request.stages("balances", lambda: settle_balances(span, inputs.buckets, stored, draft))
    controls += request.stages("controls", lambda: prove(span.last, totals, inputs, draft))
    enforce(controls)
    draft.extend(CONTROLS, control_rows(controls, draft.run_id))
    keep_rules(draft, inputs.rulebook)


def _settle_block(days: list[date], inputs: Inputs, draft: Draft, stages: Stages) -> list[Control]:
    """Settle consecutive days that follow on the draft's; returns what they have to prove."""
    named = f"{days[0]}..{days[-1]}" if len(days) > 1 else f"{days[0]}"
    intake = stages(f"intake {named}", lambda: take_in(days, inputs, draft))
    transactions = stages(f"booking {named}", lambda: book(intake, inputs, draft))
    pools = stages(f"pools {named}", lambda: settle_pools(days, transactions, inputs, draft))
    stages(f"months {named}", lambda: settle_months(days, inputs, draft))
    counted = close_days(days, intake, transactions, pools.dividends, inputs, draft)
    balanced = stages(f"books {named}", lambda: keep_books(days, transactions, draft))
    return [*counted, *pools.controls, *balanced]


def _commit(begun: Beginning, request: Request) -> Run:
    """Make the run the truth."""
    inputs, draft = begun.inputs, begun.draft
    merge_past_months(draft, begun.span.last)
    inputs.landing.require_unchanged()
    # Tables first, the row of the run log last: until it is written the run has not happened, whatever tables have.
    versions = draft.commit()
    done = begun.log.append(_row(begun, request, versions), draft.changes, inputs.copy)
    if request.scratch is None:
        note_files(request.lake, inputs.landing, begun.span.days)
    return done


def _row(begun: Beginning, request: Request, versions: dict[str, int]) -> Run:
    """The run as its log tells it. `versions`: of the tables, that the run has committed."""
    span, inputs, draft, base = begun.span, begun.inputs, begun.draft, begun.base
    settled = draft.small(DAYS).filter(pl.col("business_date") >= span.first)
    return Run(
        run_no=base.run_no + 1 if base else 1,
        run_id=draft.run_id,
        kind=request.kind,
        first_date=span.first,
        last_date=span.last,
        last_settled=span.last,
        closed_through=base.closed_through if base else None,
        started_at=request.started_at,
        finished_at=request.clock(),
        rulebook_fingerprint=inputs.rulebook.fingerprint,
        input_fingerprint=inputs.fingerprint,
        rows_in=int(settled["rows_in"].sum()),
        rows_booked=int(settled["rows_booked"].sum()),
        rows_quarantined=int(settled["rows_quarantined"].sum()),
        status="done",
        buckets=inputs.buckets,
        versions=versions,
    )
