"""What a night and a backfill do, with or without Prefect: lock, settle, publish, and keep a note of what failed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from flows.operations.faults import at_work
from flows.operations.last_failure import note_failure, note_success, report_quarantine
from flows.operations.publish import is_current, publish_lake
from flows.operations.warehouse import require_own
from flows.settings import Settings, now
from flows.settlement.begin import Request
from flows.settlement.closed.close import close_books_through
from flows.settlement.plan import Span, backfill_span, nightly_span
from flows.settlement.progress import Listener, Silence, Stages, at_once
from flows.settlement.run import preview, settle
from lake.landing.zone import Landing
from lake.runs.bills import keep_bill
from lake.runs.run import NIGHTLY, Run
from schemas.errors import InputMissingError, SettleError
from schemas.rulebook import SHIPPED, load_rulebook, rulebook_path

Plan = Callable[[Landing, Run | None], Span | None]


@dataclass(frozen=True)
class Terms:
    """How days are settled, whichever they are. `accept`: days whose quarantine may be over its limit; `restate`: what
    would change on closed days may be booked on the latest settled day; `listener`: hears how far it is; `stages`:
    runs each stage of it."""

    accept: frozenset[date] = frozenset()
    restate: bool = False
    listener: Listener = field(default_factory=Silence)
    stages: Stages = at_once


PLAIN: Final = Terms()


@dataclass(frozen=True)
class Outcome:
    """What a command has done: the run (None: nothing was to be done), and whether the warehouse was rebuilt."""

    run: Run | None
    published: bool


def settle_night(settings: Settings, last: date, terms: Terms = PLAIN) -> Outcome:
    """Settle every unsettled day up to `last` and publish. Raises SettleError; then nothing has changed."""
    return _run(settings, NIGHTLY, lambda landing, base: nightly_span(last, landing, base), terms)


def settle_range(settings: Settings, first: date, last: date, terms: Terms = PLAIN) -> Outcome:
    """Recompute first..last and all settled days after it, publish. Raises SettleError; then nothing has changed."""
    return _run(settings, "backfill", _range(first, last), terms)


def preview_range(settings: Settings, first: date, last: date, terms: Terms = PLAIN) -> dict[str, Any] | None:
    """The bill of `settle_range`, kept in the lake's table `bills`; None if nothing would change."""
    request = _request(settings, "backfill", _range(first, last), terms)
    _require_landing(settings.root)
    try:
        with at_work(settings.root):
            made = preview(request)
            if made is not None:
                keep_bill(settings.root / "lake", made, request.started_at)
    except SettleError as fault:
        # Its message names the report of what is quarantined; a dry run is no failure to be noted.
        report_quarantine(settings.root, fault)
        raise
    return made


def close_days(settings: Settings, through: date) -> Run | None:
    """Close the books up to `through` and publish; None if they were. Raises InputRefusedError (12) if not settled."""
    require_own(settings.root, settings.warehouse)
    with at_work(settings.root):
        run = close_books_through(settings.root, through, now())
        if run is not None or not is_current(settings.root, settings.warehouse):
            publish_lake(settings.root, settings.warehouse)
    return run


def publish_again(settings: Settings) -> Path:
    """Rebuild the warehouse from the lake."""
    require_own(settings.root, settings.warehouse)
    with at_work(settings.root):
        return publish_lake(settings.root, settings.warehouse)


def _range(first: date, last: date) -> Plan:
    return lambda landing, base: backfill_span(first, last, landing, base)


def _run(settings: Settings, kind: str, plan: Plan, terms: Terms) -> Outcome:
    try:
        request = _request(settings, kind, plan, terms)
        _require_landing(settings.root)
        require_own(settings.root, settings.warehouse)
        with at_work(settings.root):
            outcome = _settle_and_publish(request, settings)
    except SettleError as fault:
        note_failure(settings.root, kind, fault, now())
        raise
    note_success(settings.root)
    return outcome


def _request(settings: Settings, kind: str, plan: Plan, terms: Terms) -> Request:
    book = rulebook_path(settings.root, settings.rulebook)
    return Request(
        root=settings.root,
        rulebook=load_rulebook(book),
        kind=kind,
        span=plan,
        clock=now,
        started_at=now(),
        accept=terms.accept,
        buckets=settings.buckets,
        restate=terms.restate,
        listener=terms.listener,
        stages=terms.stages,
        unnamed=settings.rulebook is None and book == SHIPPED,
    )


def _settle_and_publish(request: Request, settings: Settings) -> Outcome:
    run = settle(request)
    # A run that was killed before it published left an old warehouse behind; the next one makes up for it.
    stale = run is not None or not is_current(settings.root, settings.warehouse)
    if stale:
        request.stages("publish", lambda: publish_lake(settings.root, settings.warehouse))
    return Outcome(run, stale)


def _require_landing(root: Path) -> None:
    if not (root / "landing").is_dir():
        raise InputMissingError(
            "there is no landing zone",
            where=str(root / "landing"),
            todo="point --root (or SETTLE_ROOT) at the folder that holds landing/",
        )
