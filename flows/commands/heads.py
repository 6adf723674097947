"""`settle heads`: the chain's heads, noted in a file that lies elsewhere."""

from pathlib import Path

from flows.commands.app import Given
from flows.commands.output import print_json
from flows.operations.faults import said_plainly
from lake.runs.head import require_history
from lake.runs.log import RunLog
from lake.runs.noted_heads import append_heads
from lake.runs.run import OLDEST
from schemas.errors import InputMissingError


def heads(*, to: Path, given: Given) -> None:
    """Append the chain's heads that a file has not yet: kept elsewhere, it proves that nothing was rolled back.

    Exit code 13 if the file has a head that is no part of this history.

    Parameters
    ----------
    to
        the file, on another machine or of another account; a line a run, as `sha256sum` writes them
    """
    with said_plainly(given.root):
        rows = RunLog(given.root / "lake", OLDEST).frame().to_dicts()
        require_history(given.root / "lake", rows)
        if not rows:
            raise InputMissingError(
                "nothing is settled yet: there is no head", where=str(given.root), todo="run `settle nightly` first"
            )
        fresh = append_heads(to, rows)
    last = rows[-1]
    if given.as_json:
        head = {"run_id": last["run_id"], "record_hash": last["record_hash"]}
        print_json({"file": to, "appended": len(fresh), "head": head})
    else:
        print(f"{to}: {len(fresh):,} heads appended, {len(rows):,} in all")
        print(f"head: {last['record_hash']} (run {last['run_id']})")
