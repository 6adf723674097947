"""What a settlement is made from, fixed before it begins."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lake.landing import Landing
from schemas.rulebook import Rulebook
from transforms.reference.model import Reference


@dataclass(frozen=True)
class Inputs:
    """Landing zone, reference data and rules of one run. `accepted`: days whose quarantine the operator accepted.

    `fingerprints`: of each day's feeds; `reference_fingerprint`: of the reference files.
    """

    landing: Landing
    reference: Reference
    rulebook: Rulebook
    buckets: int
    accepted: frozenset[date]
    fingerprints: Mapping[date, str]
    reference_fingerprint: str

    @property
    def fingerprint(self) -> str:
        """One fingerprint of all feeds and reference files of the run."""
        lines = [f"{day.isoformat()} {self.fingerprints[day]}" for day in sorted(self.fingerprints)]
        return hashlib.sha256("\n".join([*lines, self.reference_fingerprint]).encode()).hexdigest()
