"""`settle verify` (SPEC 14): settle all history again in a scratch lake, and compare it with what is stored."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from flows.operations.faults import said_plainly
from flows.settlement.begin import Request
from flows.settlement.kept_rules import KeptRules
from flows.settlement.plan import Span
from flows.settlement.progress import Listener
from flows.settlement.run import settle
from flows.verify.compare import HistoryDiffersError, Verification, compared
from lake.draft.draft import Draft
from lake.lock import lake_lock
from lake.runs.log import RunLog
from lake.runs.run import Run
from lake.tables.store import Store
from schemas.errors import InputMissingError
from schemas.rulebook import Rulebook, load_rulebook, rulebook_path


def verify(root: Path, named: Rulebook | None, clock: Callable[[], datetime], listener: Listener) -> Verification:
    """Recompute every settled day from the landing feeds and compare. Nothing is changed, whatever happens.

    `named`: the rulebook to recompute by; None: each day by the one that it was settled by.

    Holds the lake's lock, so that no night changes the lake meanwhile. Raises HistoryDiffersError (13); SettleError
    10 to 12 if there is nothing to recompute from; AnotherRunError (14).
    """
    log = RunLog(root / "lake")
    _last_run(log, root)
    with lake_lock(root):
        run = _last_run(log, root)
        span = Span(log.frame()["first_date"].min(), run.last_settled, rewound=False)  # type: ignore[arg-type]
        with _scratch_beside(root / "lake") as scratch:
            stored = _draft(root / "lake", run)
            with said_plainly(root):
                for part, rulebook in _parts(span, stored, root, named):
                    again = settle(_request(root, rulebook, clock, listener, part, run, scratch))
            assert again is not None, "an empty lake has no settled day"
            listener.at("comparing", len(span.days), len(span.days), again.rows_in)
            recomputed = _draft(scratch, again)
            found = compared(stored, recomputed, Verification(span.first, span.last, len(span.days)))
    if not found.verified:
        raise HistoryDiffersError(found, root / "lake")
    return found


def _parts(span: Span, stored: Draft, root: Path, named: Rulebook | None) -> list[tuple[Span, Rulebook]]:
    """The days by the rulebooks to recompute them by, in order."""
    if named:
        return [(span, named)]
    stretches = KeptRules(stored).stretches
    at_hand = None if all(found.book for found in stretches) else load_rulebook(rulebook_path(root, None))
    return [(Span(f.first, f.last, rewound=False), cast("Rulebook", f.book or at_hand)) for f in stretches]


def _last_run(log: RunLog, root: Path) -> Run:
    run = log.last()
    if run is None:
        raise InputMissingError(
            "nothing is settled yet: there is nothing to verify", where=str(root), todo="run `settle nightly` first"
        )
    return run


@contextmanager
def _scratch_beside(lake: Path) -> Iterator[Path]:
    """An empty folder on the lake's disk; its name is fixed, so that one which a killed process left is removed."""
    home = lake.resolve()
    scratch = home.with_name(f".{home.name}-verify")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _request(
    root: Path,
    rulebook: Rulebook,
    clock: Callable[[], datetime],
    listener: Listener,
    span: Span,
    run: Run,
    scratch: Path,
) -> Request:
    return Request(
        root=root,
        rulebook=rulebook,
        kind="verify",
        span=lambda landing, base: span,
        clock=clock,
        started_at=clock(),
        # The quarantine itself is compared; how much of it was borne is no question any more.
        accept=frozenset(span.days),
        buckets=run.buckets,
        listener=listener,
        scratch=scratch,
    )


def _draft(folder: Path, run: Run) -> Draft:
    return Draft(Store(folder), run.versions, run.run_id)
