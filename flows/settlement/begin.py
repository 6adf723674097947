"""How a run begins: what is asked for, what has come in, and which days have to be settled. Nothing is computed yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs, checked_reference, read_reference
from flows.settlement.kept_rules import require_same_rules
from flows.settlement.plan import Span, fingerprint_marks, first_change
from flows.settlement.progress import Listener, Silence, Stages, at_once
from lake.draft.draft import Draft
from lake.landing.strays import refuse
from lake.landing.zone import Landing
from lake.runs.log import RunLog
from lake.runs.record import noted_copy
from lake.runs.run import NIGHTLY, Run
from lake.tables.store import Store
from schemas.rulebook import Rulebook
from schemas.tables import DAYS

MEMBERS_PER_BUCKET: Final = 1_250_000
"""How many members one bucket of a new lake is meant for."""


@dataclass(frozen=True)
class Request:
    """What is asked for. `clock` tells the time of the run's records; `buckets` counts only for a new lake; `restate`:
    changes of closed days may be booked as restatements; `scratch`: a folder to settle in, not the root's lake;
    `unnamed`: nobody has named the rulebook, and the root has none of its own."""

    root: Path
    rulebook: Rulebook
    kind: str
    span: Callable[[Landing, Run | None], Span | None]
    clock: Callable[[], datetime]
    started_at: datetime
    accept: frozenset[date] = frozenset()
    restate: bool = False
    buckets: int | None = None
    listener: Listener = field(default_factory=Silence)
    stages: Stages = at_once
    scratch: Path | None = None
    unnamed: bool = False

    @property
    def lake(self) -> Path:
        """The folder of the lake."""
        return self.scratch or self.root / "lake"


@dataclass(frozen=True)
class Beginning:
    """What a run knows before it computes: the days that have to be settled, and the lake as stored and as drafted."""

    log: RunLog
    base: Run | None
    span: Span
    inputs: Inputs
    stored: Draft
    draft: Draft


def begin(request: Request) -> Beginning | None:
    """Look; None if nothing is to be settled. Raises SettleError (10 to 12) for rules or input that cannot be used."""
    log, store = RunLog(request.lake), Store(request.lake)
    landing, base = Landing(request.root), log.last()
    landing.require_accounted(base.last_settled if base else None)
    stored, draft = (_draft(request, store, base) for _ in range(2))
    if request.kind == NIGHTLY or request.unnamed:
        # A backfill is how settled days come to other rules; by a forgotten option it is nobody's wish.
        require_same_rules(stored, request.rulebook)
    span = request.span(landing, base)
    if span is None:
        return None
    inputs = request.stages("read inputs", lambda: _inputs(request, span, landing, base, stored))
    changed = first_change(span, stored.small(DAYS), _marks(inputs, span))
    return None if changed is None else Beginning(log, base, changed, inputs, stored, draft)


def _draft(request: Request, store: Store, base: Run | None) -> Draft:
    closed = base.closed_through if base else None
    return Draft(store, base.versions if base else {}, _run_id(request, base), closed)


def _inputs(request: Request, span: Span, landing: Landing, base: Run | None, draft: Draft) -> Inputs:
    rulebook = request.rulebook
    refuse(landing.strays(span.days))
    landing.require_read_from(min([span.first, *draft.small(DAYS)["business_date"]]))
    for day in span.days:
        rulebook.on(day)
        landing.size(day)
    fingerprint = landing.reference_fingerprint()
    if request.scratch is None:
        noted = noted_copy(request.lake, base.run_id) if base else None
        reference, copy = checked_reference(request.root, landing, fingerprint, rulebook, noted)
    else:
        reference, copy = read_reference(request.root, rulebook), None
    fingerprints = {day: landing.fingerprint(day) for day in span.days}
    return Inputs(
        landing,
        reference,
        rulebook,
        base.buckets if base else request.buckets or _buckets(reference.members.height),
        request.accept | _accepted(draft.small(DAYS), fingerprints),
        fingerprints,
        fingerprint,
        copy,
    )


def _accepted(days: pl.DataFrame, fingerprints: dict[date, str]) -> frozenset[date]:
    """Days that were accepted before, over the same input."""
    rows = days.filter("accepted").select("business_date", "input_fingerprint").iter_rows()
    return frozenset(day for day, fingerprint in rows if fingerprints.get(day) == fingerprint)


def _marks(inputs: Inputs, span: Span) -> list[str]:
    rows = {
        "input_fingerprint": [inputs.fingerprints[day] for day in span.days],
        "reference_fingerprint": inputs.reference_fingerprint,
        "rulebook_fingerprint": inputs.rulebook.fingerprint,
    }
    return fingerprint_marks(pl.DataFrame(rows))


def _run_id(request: Request, base: Run | None) -> str:
    number = base.run_no + 1 if base else 1
    return f"{number:06d}-{request.started_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def _buckets(members: int) -> int:
    return -(-max(members, 1) // MEMBERS_PER_BUCKET)
