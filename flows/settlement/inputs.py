"""What a settlement is made from, fixed before it begins."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lake.landing.reference import read_sheets
from lake.landing.reference_cache import keep_reference, kept_reference
from lake.landing.zone import Landing
from lake.runs.code_version import code_version
from lake.runs.record import KeptCopy
from schemas.rulebook import Rulebook
from transforms.reference.checks import check_reference
from transforms.reference.model import Reference


@dataclass(frozen=True)
class Inputs:
    """Landing zone, reference data and rules of one run. `accepted`: days whose quarantine the operator accepted.

    `fingerprints`: of each day's feeds; `reference_fingerprint`: of the reference files; `copy`: of the reference data,
    if this run has kept one.
    """

    landing: Landing
    reference: Reference
    rulebook: Rulebook
    buckets: int
    accepted: frozenset[date]
    fingerprints: Mapping[date, str]
    reference_fingerprint: str
    copy: KeptCopy | None

    @property
    def fingerprint(self) -> str:
        """One fingerprint of all feeds and reference files of the run."""
        lines = [f"{day.isoformat()} {self.fingerprints[day]}" for day in sorted(self.fingerprints)]
        return hashlib.sha256("\n".join([*lines, self.reference_fingerprint]).encode()).hexdigest()


def checked_reference(
    root: Path, landing: Landing, fingerprint: str, rulebook: Rulebook, noted: KeptCopy | None
) -> tuple[Reference, KeptCopy | None]:
    """The reference data of `fingerprint`, typed and checked, and the copy that was made of it, if one was.

    `noted`: the copy that the last run's record speaks of. Raises InputMissingError (11), InputRefusedError (12).
    """
    codes = _codes(rulebook)
    # What was checked by other code or against other levels was not checked.
    mark = hashlib.sha256(json.dumps([fingerprint, codes, code_version()]).encode()).hexdigest()
    kept = kept_reference(root / "lake", mark, noted.digest) if noted and noted.mark == mark else None
    if kept is not None:
        return Reference(**kept), None
    reference = read_reference(root, rulebook)
    # Kept under the mark of other bytes, what was read now would be found by every later night.
    landing.require_unchanged()
    copied = keep_reference(root / "lake", mark, vars(reference))
    return reference, KeptCopy(mark, copied) if copied else None


def read_reference(root: Path, rulebook: Rulebook) -> Reference:
    """The same from the files, whatever was kept of them."""
    return check_reference(read_sheets(root), _codes(rulebook))


def _codes(rulebook: Rulebook) -> list[str]:
    return sorted({level.code for rules in rulebook.versions for level in rules.promoter_levels})
