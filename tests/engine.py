"""The engine as the tests use it: a world in, the warehouse's tables out, without Prefect and without the clock."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from pathlib import Path

from flows.operations.publish import publish_lake
from flows.settlement.begin import Request
from flows.settlement.closed.close import close_books_through
from flows.settlement.plan import backfill_span, nightly_span
from flows.settlement.run import settle
from lake.runs.run import Run
from schemas.rulebook import load_rulebook

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def backfill(
    root: Path,
    rulebook: Path,
    first: date,
    last: date,
    *,
    accept: Collection[date] = (),
    buckets: int = 1,
    restate: bool = False,
) -> Run | None:
    """Settle a range of days."""
    return settle(
        Request(
            root=root,
            rulebook=load_rulebook(rulebook),
            kind="backfill",
            span=lambda landing, base: backfill_span(first, last, landing, base),
            clock=lambda: NOW,
            started_at=NOW,
            accept=frozenset(accept),
            buckets=buckets,
            restate=restate,
        )
    )


def close(root: Path, through: date) -> Run | None:
    """Close the books."""
    return close_books_through(root, through, NOW)


def night(root: Path, rulebook: Path, last: date, *, accept: Collection[date] = (), buckets: int = 1) -> Run | None:
    """Settle every unsettled day up to `last`."""
    return settle(
        Request(
            root=root,
            rulebook=load_rulebook(rulebook),
            kind="nightly",
            span=lambda landing, base: nightly_span(last, landing, base),
            clock=lambda: NOW,
            started_at=NOW,
            accept=frozenset(accept),
            buckets=buckets,
        )
    )


def published(root: Path) -> Path:
    """The warehouse of what is settled."""
    return publish_lake(root, root / "warehouse.duckdb")
