"""What a night and a backfill do, with or without Prefect: lock, settle, publish, and keep a note of what failed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.failures import note_failure, note_success
from flows.machine import at_work
from flows.publication import is_current, publish_lake
from flows.settings import Settings, now
from flows.settlement.beginning import Request
from flows.settlement.closing import close_books_through
from flows.settlement.plan import Span, backfill_span, nightly_span
from flows.settlement.progress import Listener, Silence, Stages, at_once
from flows.settlement.run import preview, settle
from lake.bills import keep_bill
from lake.landing import Landing
from lake.runlog import Run
from schemas.errors import InputMissingError, SettleError
from schemas.rulebook import SHIPPED, load_rulebook

Plan = Callable[[Landing, Run | None], Span | None]


@dataclass(frozen=True)
class Outcome:
    """What a command has done: the run (None: nothing was to be done), and whether the warehouse was rebuilt."""

    run: Run | None
    published: bool


def settle_night(
    settings: Settings,
    last: date,
    accept: frozenset[date] = frozenset(),
    listener: Listener | None = None,
    stages: Stages = at_once,
) -> Outcome:
    """Settle every unsettled day up to `last` and publish. Raises SettleError; then nothing has changed."""
    return _run(settings, "nightly", lambda landing, base: nightly_span(last, landing, base), accept, listener, stages)


def settle_range(
    settings: Settings,
    first: date,
    last: date,
    accept: frozenset[date] = frozenset(),
    listener: Listener | None = None,
    stages: Stages = at_once,
    *,
    restate: bool = False,
) -> Outcome:
    """Recompute first..last and all settled days after it, publish. Raises SettleError; then nothing has changed.

    `restate`: what would change on closed days may be booked on the latest settled day.
    """
    return _run(
        settings,
        "backfill",
        lambda landing, base: backfill_span(first, last, landing, base),
        accept,
        listener,
        stages,
        restate=restate,
    )


def preview_range(
    settings: Settings,
    first: date,
    last: date,
    accept: frozenset[date] = frozenset(),
    listener: Listener | None = None,
    stages: Stages = at_once,
) -> dict[str, Any] | None:
    """The bill of `settle_range`, kept in the lake's table `bills`; None if nothing would change."""
    request = _request(
        settings,
        "backfill",
        lambda landing, base: backfill_span(first, last, landing, base),
        accept,
        listener,
        stages,
    )
    _require_landing(settings.root)
    with at_work(settings.root):
        made = preview(request)
        if made is not None:
            keep_bill(settings.root / "lake", made, request.started_at)
    return made


def close_days(settings: Settings, through: date) -> Run | None:
    """Close the books up to `through` and publish; None if they were. Raises InputRefusedError (12) if not settled."""
    with at_work(settings.root):
        run = close_books_through(settings.root, through, now())
        if run is not None or not is_current(settings.root, settings.warehouse):
            publish_lake(settings.root, settings.warehouse)
    return run


def publish_again(settings: Settings) -> Path:
    """Rebuild the warehouse from the lake."""
    with at_work(settings.root):
        return publish_lake(settings.root, settings.warehouse)


def _run(
    settings: Settings,
    kind: str,
    plan: Plan,
    accept: frozenset[date],
    listener: Listener | None,
    stages: Stages,
    *,
    restate: bool = False,
) -> Outcome:
    try:
        request = _request(settings, kind, plan, accept, listener, stages, restate=restate)
        _require_landing(settings.root)
        with at_work(settings.root):
            outcome = _settle_and_publish(request, settings)
    except SettleError as fault:
        note_failure(settings.root, kind, fault, now())
        raise
    note_success(settings.root)
    return outcome


def _request(
    settings: Settings,
    kind: str,
    plan: Plan,
    accept: frozenset[date],
    listener: Listener | None,
    stages: Stages,
    *,
    restate: bool = False,
) -> Request:
    return Request(
        root=settings.root,
        rulebook=load_rulebook(settings.rulebook or SHIPPED),
        kind=kind,
        span=plan,
        clock=now,
        started_at=now(),
        accept=accept,
        buckets=settings.buckets,
        restate=restate,
        listener=listener or Silence(),
        stages=stages,
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
