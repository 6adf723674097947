"""`settle upgrade` (SPEC 12): a lake of an older format becomes one of the newest, in place, by one atomic run.

What was settled, closed, restated or accepted stays as it was; only what the newer format asks for is added.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from flows.operations.faults import at_work
from flows.settlement.books.overdrawn import recomputed_overdrawn
from flows.settlement.closed.restated import recover_restatements
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.runs.run import FORMAT, OLDEST, UPGRADE, Run
from lake.tables.store import Store
from schemas.errors import InputMissingError
from schemas.feeds import FEEDS, Feed
from schemas.rulebook import Rulebook
from schemas.tables import OVERDRAWN, QUARANTINE, RULEBOOKS
from transforms.intake.faulty_column import faulty_column


def upgrade(root: Path, known: Iterable[Rulebook], moment: datetime) -> tuple[Run, Run] | None:
    """Bring the lake to the newest format: the run that left it, and the run that upgraded it; None if it has it.

    `known`: rulebooks that the runs may have settled by; formats before 4 did not keep them. Raises InputMissingError
    (11) if nothing is settled, ConfigurationError (10) for a format that cannot be upgraded, AnotherRunError (14).
    """
    log = RunLog(root / "lake", OLDEST)
    with at_work(root, OLDEST):
        base = log.last()
        if base is None:
            raise InputMissingError("nothing is settled yet", where=str(root), todo="settle first: `settle nightly`")
        if base.format == FORMAT:
            return None
        run_id = f"{base.run_no + 1:06d}-{moment.astimezone(UTC):%Y%m%dT%H%M%S%f}"
        draft = Draft(Store(root / "lake"), base.versions, run_id, base.closed_through)
        try:
            for step in STEPS[base.format]:
                step(draft, log.runs(), list(known))
            return base, log.append(_run(base, draft, moment), draft.changes)
        except BaseException:
            if not log.holds(run_id):
                draft.discard()
            raise


def _run(base: Run, draft: Draft, moment: datetime) -> Run:
    versions = draft.commit()
    return replace(
        base,
        run_no=base.run_no + 1,
        run_id=draft.run_id,
        kind=UPGRADE,
        first_date=base.last_settled,
        last_date=base.last_settled,
        started_at=moment,
        finished_at=moment,
        rows_in=0,
        rows_booked=0,
        rows_quarantined=0,
        versions=versions,
        format=FORMAT,
    )


def _keep_rulebooks(draft: Draft, runs: list[Run], known: list[Rulebook]) -> None:
    """A row of `rulebooks` wherever a run settled by other rules than the one before it."""
    texts = {book.fingerprint: book.text or None for book in reversed(known)}
    rows, before = [], None
    for run in runs:
        if run.rulebook_fingerprint != before:
            before = run.rulebook_fingerprint
            rows.append((run.run_id, before, texts.get(before)))
    draft.extend(RULEBOOKS, pl.DataFrame(rows, schema=RULEBOOKS.schema, orient="row"))


def _name_faulty_columns(draft: Draft, _runs: list[Run], _known: list[Rulebook]) -> None:
    """Files of the older format lack the column at fault: it follows from the row as it came."""
    older = draft.files(QUARANTINE)
    draft.keep_files(QUARANTINE, [])
    for file in older:
        rows = draft.widened(QUARANTINE, file)
        draft.append(QUARANTINE, pl.concat([_with_columns_of(feed, rows.filter(feed=feed.name)) for feed in FEEDS]))


def _with_columns_of(feed: Feed, rows: pl.DataFrame) -> pl.DataFrame:
    cells = [_cells(feed, raw) for raw in rows["raw"]]
    schema = {**dict.fromkeys(feed.columns, pl.String), "torn": pl.Boolean}
    texts = pl.DataFrame(cells, schema=schema).with_columns(rows["reason"])
    return rows.with_columns(texts.select(faulty_column(feed, pl.col("torn")).alias("faulty_column")).to_series())


def _cells(feed: Feed, raw: str | None) -> dict[str, str | bool | None]:
    """The cells of a row as it came; of a torn one nothing is known."""
    try:
        found = json.loads(raw or "")
    except ValueError:
        found = None
    whole = isinstance(found, dict) and set(found) == set(feed.columns)
    return {**(found if whole else dict.fromkeys(feed.columns)), "torn": not whole}


def _recover_restatements(draft: Draft, runs: list[Run], _known: list[Rulebook]) -> None:
    """What earlier runs restated is read from their own versions of the tables."""
    recover_restatements(runs, draft.store, draft)


def _date_overdrawn(draft: Draft, runs: list[Run], _known: list[Rulebook]) -> None:
    """Cash below zero was none of it, nor since when a balance is below zero."""
    draft.replace(OVERDRAWN, recomputed_overdrawn(runs[-1].buckets, draft))


Step = Callable[[Draft, list[Run], list[Rulebook]], None]
STEPS: Final[dict[int, tuple[Step, ...]]] = {
    3: (_keep_rulebooks, _name_faulty_columns, _recover_restatements, _date_overdrawn)
}
"""By the format that a lake has: what brings it to the newest, in order."""
