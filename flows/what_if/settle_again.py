"""`settle compare`: settled days once more under other rules, in a draft that is thrown away."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from flows.operations.faults import at_work
from flows.settlement.begin import Request
from flows.settlement.plan import Span
from flows.settlement.progress import Listener
from flows.settlement.run import preview
from flows.what_if.differences import what_if
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.runs.run import Run
from lake.tables.store import Store
from schemas.errors import ConfigurationError, InputMissingError, UsageError
from schemas.rulebook import Rulebook
from schemas.tables import DAYS, POOL_DAYS, PROMOTER_MONTHS


def compare(
    root: Path, other: Rulebook, first: date, last: date, clock: Callable[[], datetime], listener: Listener
) -> dict[str, Any] | None:
    """What `other` would have made of first..last, on the books as they stood before; see `what_if`.

    None if these are the rules by which the days were settled. Nothing is changed, whatever happens. Raises UsageError
    (2), ConfigurationError (10) for rules that do not fit the books, InputMissingError (11) for days that are not
    settled or have no feed any more, InputRefusedError (12), AnotherRunError (14).
    """
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}", todo="give the earlier day first")
    log, store = RunLog(root / "lake"), Store(root / "lake")
    _last_run(log, root)
    with at_work(root):
        run = _last_run(log, root)
        draft = Draft(store, run.versions, run.run_id)
        days = _settled(draft.small(DAYS), first, last, root)
        if set(days["rulebook_fingerprint"]) == {other.fingerprint}:
            return None
        _require_fit(draft, other, first)
        return preview(_request(root, other, Span(first, last, rewound=True), run, clock, listener), what_if)


def _last_run(log: RunLog, root: Path) -> Run:
    run = log.last()
    if run is None:
        raise InputMissingError(
            "nothing is settled yet: there is nothing to compare", where=str(root), todo="run `settle nightly` first"
        )
    return run


def _settled(days: pl.DataFrame, first: date, last: date, root: Path) -> pl.DataFrame:
    """The rows of DAYS of first..last."""
    begin, end = days["business_date"].item(0), days["business_date"].item(-1)
    if first < begin or last > end:
        raise InputMissingError(
            f"not every day of {first} to {last} is settled: {begin} to {end} are",
            where=str(root),
            todo="give days among them",
        )
    return days.filter(pl.col("business_date").is_between(first, last))


def _require_fit(draft: Draft, other: Rulebook, first: date) -> None:
    """The books as they stand before `first` must make sense to the other rules (SPEC 5, 8: what is named, stays)."""
    rules = other.on(first)
    pools = draft.small(POOL_DAYS).filter(pl.col("business_date") < first)["pool"].unique()
    months = draft.scan(PROMOTER_MONTHS, month=lambda month: month < first.replace(day=1).isoformat())
    levels = months.select(pl.col("next_level").unique()).collect()["next_level"]
    for what, held, known in (
        ("pools with points in them", pools, {pool.name for pool in rules.pools}),
        ("levels with promoters on them", levels, {level.code for level in rules.promoter_levels}),
    ):
        missing = sorted(set(held) - known)
        if missing:
            raise ConfigurationError(
                f"before {first} there are {what} that the other rules do not know: {', '.join(missing)}",
                where=str(other.path),
                todo="keep them in the other rulebook, or compare from the first settled day on",
            )


def _request(
    root: Path, other: Rulebook, span: Span, run: Run, clock: Callable[[], datetime], listener: Listener
) -> Request:
    return Request(
        root=root,
        rulebook=other,
        kind="compare",
        span=lambda landing, base: span,
        clock=clock,
        started_at=clock(),
        # Rules that quarantine more than they bear are compared all the same: the answer says how many rows.
        accept=frozenset(span.days),
        buckets=run.buckets,
        listener=listener,
    )
