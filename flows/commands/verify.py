"""`settle verify`: all history once more, beside what is stored."""

import time
from dataclasses import asdict
from typing import Any

from flows.commands.output import print_json, say
from flows.commands.progress import listening
from flows.operations.warehouse import require_unchanged
from flows.settings import Settings, now
from flows.verify.compare import HistoryDiffersError, Verification
from flows.verify.recompute import verify
from schemas.rulebook import load_rulebook


def verify_history(settings: Settings) -> None:
    """Recompute, compare and answer. Raises HistoryDiffersError (13), with --json after telling all differences, and
    ControlFailedError (13) if the warehouse is not what was published."""
    began = time.monotonic()
    named = load_rulebook(settings.rulebook) if settings.rulebook else None
    try:
        with listening("verify", quiet=settings.as_json) as listener:
            found = verify(settings.root, named, now, listener)
    except HistoryDiffersError as fault:
        if settings.as_json:
            print_json(_described(fault.found, began))
        raise
    if settings.as_json:
        print_json(_described(found, began))
    else:
        _print(found, time.monotonic() - began)
    require_unchanged(settings.root, settings.warehouse)


def _described(found: Verification, began: float) -> dict[str, Any]:
    seconds = round(time.monotonic() - began, 3)
    return {"verified": found.verified, **asdict(found), "seconds": seconds}


def _print(found: Verification, seconds: float) -> None:
    say(f"verified {found.first} to {found.last}: what is stored is what its recomputation gives")
    say(f"{found.days:,} days, {found.tables:,} tables, {found.rows:,} rows, {seconds:,.1f} s")
    for note in found.notes:
        say(f"note: {note}")
