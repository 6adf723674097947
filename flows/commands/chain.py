"""`settle verify --chain`."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flows.commands.output import print_json, say
from flows.operations.faults import said_plainly
from flows.operations.warehouse import require_own, require_unchanged
from flows.settings import Settings
from lake.runs.audit import Audit, audit
from lake.runs.integrity import refuse
from lake.runs.log import RunLog
from lake.runs.noted_heads import read_heads, require_heads
from lake.runs.run import OLDEST
from schemas.errors import DamagedLakeError, UsageError


def verify_chain(settings: Settings, head: str | None = None, heads: Path | None = None) -> None:
    """Check records, links and files, and answer. `head`, `heads`: a hash, or a file of them, that was noted elsewhere.

    Raises DamagedLakeError (13) if anything is not as it was written, or a noted head is no part of the history;
    UsageError (2) for a hash that is none.
    """
    if head is not None and not re.fullmatch("[0-9a-f]{64}", head):
        raise UsageError("--head is no hash", todo="give the 64 hex digits that `settle verify --chain` prints")
    noted = read_heads(heads) if heads else []
    with said_plainly(settings.root):
        found = audit(settings.root / "lake")
        rows = RunLog(settings.root / "lake", OLDEST).frame().to_dicts()
    if settings.as_json:
        print_json(asdict(found))
    elif not found.faults:
        _print(found)
    refuse(found.faults)
    _require_warehouse(settings)
    if heads:
        require_heads(noted, rows, str(heads))
    if head:
        _require_head(head, rows, settings)


def _require_warehouse(settings: Settings) -> None:
    """What the root has published must be what it is now. Another root's warehouse is no concern of this chain."""
    try:
        require_own(settings.root, settings.warehouse)
    except UsageError:
        return
    require_unchanged(settings.root, settings.warehouse)


def _require_head(head: str, rows: list[dict[str, Any]], settings: Settings) -> None:
    after = next((len(rows) - number for number, row in enumerate(rows, 1) if row["record_hash"] == head), None)
    if after is None:
        raise DamagedLakeError(
            f"{head} is no part of this history",
            where=str(settings.root / "lake"),
            todo="the lake was rolled back, or it is another one: restore lake/ from its newest backup",
        )
    if not settings.as_json:
        print(f"{head} is part of this history, {after:,} runs ago" if after else f"{head} is its head")


def _print(found: Audit) -> None:
    say(f"chain: {found.runs:,} runs, {found.files:,} files, {found.bytes:,} bytes, all as they were written")
    if found.head:
        say(f"head: {found.head['record_hash']} (run {found.head['run_id']})")
