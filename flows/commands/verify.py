"""`settle verify`: all history once more, beside what is stored."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands.app import Given
from flows.commands.chain import verify_chain
from flows.commands.output import print_json, say
from flows.commands.progress import listening
from flows.operations.warehouse import require_unchanged
from flows.settings import Settings, now
from flows.verify import recompute
from flows.verify.compare import HistoryDiffersError, Verification
from schemas.errors import UsageError
from schemas.rulebook import load_rulebook


def verify(
    *,
    chain: Annotated[
        bool, Parameter(negative="", help="check the audit chain and every file's bytes; recompute nothing")
    ] = False,
    head: Annotated[
        str | None, Parameter(help="with --chain: is this hash, noted elsewhere, part of the history?")
    ] = None,
    heads: Annotated[
        Path | None, Parameter(help="with --chain: is every head that `settle heads` noted there?")
    ] = None,
    given: Given,
) -> None:
    """Recompute all history from the landing feeds and compare it with what is stored."""
    if chain:
        verify_chain(given, head, heads)
    elif head is not None or heads is not None:
        raise UsageError("--head and --heads go with --chain", todo="settle verify --chain --head HASH")
    else:
        _verify_history(given)


def _verify_history(settings: Settings) -> None:
    """Recompute, compare and answer. Raises HistoryDiffersError (13), with --json after telling all differences, and
    ControlFailedError (13) if the warehouse is not what was published."""
    began = time.monotonic()
    named = load_rulebook(settings.rulebook) if settings.rulebook else None
    try:
        with listening("verify", quiet=settings.as_json) as listener:
            found = recompute.verify(settings.root, named, now, listener)
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
