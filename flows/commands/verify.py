"""`settle verify`: all history once more, beside what is stored."""

import time
from dataclasses import asdict
from typing import Any

from flows.answers import print_json, say
from flows.recomputation import verify
from flows.settings import Settings, now
from flows.talk import listening
from flows.verification import HistoryDiffersError, Verification
from schemas.rulebook import SHIPPED, load_rulebook


def verify_history(settings: Settings) -> None:
    """Recompute, compare and answer. Raises HistoryDiffersError (13), with --json after telling all differences."""
    began = time.monotonic()
    try:
        with listening("verify", quiet=settings.as_json) as listener:
            found = verify(settings.root, load_rulebook(settings.rulebook or SHIPPED), now, listener)
    except HistoryDiffersError as fault:
        if settings.as_json:
            print_json(_described(fault.found, began))
        raise
    if settings.as_json:
        print_json(_described(found, began))
    else:
        _print(found, time.monotonic() - began)


def _described(found: Verification, began: float) -> dict[str, Any]:
    seconds = round(time.monotonic() - began, 3)
    return {"verified": found.verified, **asdict(found), "seconds": seconds}


def _print(found: Verification, seconds: float) -> None:
    say(f"verified {found.first} to {found.last}: what is stored is what its recomputation gives")
    say(f"{found.days:,} days, {found.tables:,} tables, {found.rows:,} rows, {seconds:,.1f} s")
    for note in found.notes:
        say(f"note: {note}")
