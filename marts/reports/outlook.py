"""What a report says beyond the warehouse: reckoned from its figures and a rulebook by whoever asks for the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Waiting:
    """What a pool waits for. `growth` is None, like the dates, before its launch."""

    wanted: Decimal
    missing: Decimal
    target: Decimal
    growth: Decimal | None
    earliest: date | None
    deadline: date | None


@dataclass(frozen=True)
class Outlook:
    """`waiting`: by pool; `titles`: of the promoters' levels, by code; both under the rulebook of `fingerprint`."""

    fingerprint: str
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
