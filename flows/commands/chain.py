"""`settle verify --chain`."""

from dataclasses import asdict

from flows.answers import print_json, say
from flows.machine import said_plainly
from flows.settings import Settings
from lake.chain import Audit, audit
from lake.whole import refuse


def verify_chain(settings: Settings) -> None:
    """Check records, links and files, and answer. Raises DamagedLakeError (13) if anything is not as it was written."""
    with said_plainly(settings.root):
        found = audit(settings.root / "lake")
    if settings.as_json:
        print_json(asdict(found))
    elif not found.faults:
        _print(found)
    refuse(found.faults)


def _print(found: Audit) -> None:
    say(f"chain: {found.runs:,} runs, {found.files:,} files, {found.bytes:,} bytes, all as they were written")
    if found.head:
        say(f"head: {found.head['record_hash']} (run {found.head['run_id']})")
