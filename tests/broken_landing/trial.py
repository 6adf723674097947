"""One broken landing zone settled, and whether what became of it is allowed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.errors import InputMissingError, InputRefusedError
from schemas.tables import DAYS
from tests.broken_landing.mutations import broken
from tests.broken_landing.reader import Counted, RefusedError, count
from tests.broken_landing.world import FIRST, RULEBOOK, SECOND, sound
from tests.damage import state
from tests.engine import night

REFERENCE = "reference/"
"""The slow reader does not judge the rules of reference data: where those are touched, a refusal is allowed."""


@dataclass(frozen=True)
class Verdict:
    """`became`: booked, or the kind of refusal. `fault`: what was not allowed; None if all is well."""

    seed: int
    done: list[str]
    became: str
    fault: str | None = None


def settled_base(root: Path) -> Path:
    """A root whose first day is settled."""
    sound().write(root / "landing")
    (root / "rulebook.toml").write_text(RULEBOOK, encoding="utf-8")
    for path in (root / "landing").glob(f"*/day={SECOND}"):
        shutil.rmtree(path)
    assert night(root, root / "rulebook.toml", FIRST) is not None
    shutil.rmtree(root / "landing")
    return root


def try_seed(seed: int, base: Path, root: Path) -> Verdict:
    """Settle the second day of the zone of this seed, on a copy of `base` in `root`, which is removed."""
    shutil.copytree(base, root)
    zone = sound()
    done = broken(seed, zone)
    try:
        zone.write(root / "landing")
        try:
            expected: Counted | None = count(zone)
        except RefusedError:
            expected = None
        before = state(root / "lake")
        try:
            night(root, root / "rulebook.toml", SECOND)
        except (InputRefusedError, InputMissingError) as refusal:
            return Verdict(seed, done, type(refusal).__name__, _refused(refusal, expected, done, before, root))
        return Verdict(seed, done, "booked", _booked(root, expected))
    except Exception as defect:
        return Verdict(seed, done, "defect", repr(defect))
    finally:
        shutil.rmtree(root)


def _refused(
    refusal: InputRefusedError | InputMissingError,
    expected: Counted | None,
    done: list[str],
    before: dict[str, str],
    root: Path,
) -> str | None:
    if state(root / "lake") != before:
        return f"the lake has changed, though the run was refused: {refusal}"
    if not (refusal.what and refusal.where and refusal.todo):
        return f"the refusal does not say what, where and what to do: {refusal!r}"
    may_be = any(REFERENCE in what or "control" in what or ".parquet" in what for what in done)
    if expected is not None and not may_be:
        return f"refused, and the slow reader sees {expected.rows} rows: {refusal}"
    return None


def _booked(root: Path, expected: Counted | None) -> str | None:
    run = RunLog(root / "lake").last()
    assert run is not None
    row = Draft(Store(root / "lake"), run.versions, "reader").small(DAYS).row(-1, named=True)
    if expected is None:
        return f"booked, and the slow reader would have refused it: {row['rows_in']} rows"
    found = (row["rows_in"], row["rows_booked"] + row["rows_quarantined"], int(row["amount_in_fen"]))
    wanted = (expected.rows, expected.rows, expected.fen)
    return None if found == wanted else f"rows in, out and amount are {found}, and should be {wanted}"
