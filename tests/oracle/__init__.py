"""The oracle: SPEC sections 1 to 13 row by row, in plain integers, sharing no code with the project.

    settle_world(landing, rulebook, first, last) -> {"ledger": [(...), ...], ...}

Slow on purpose, and written from the SPEC's words only: where the project and the oracle differ, one of them
has misread the SPEC.
"""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from tests.oracle.settlement import settle
from tests.oracle.tables import tables
from tests.oracle.units import OracleRefusal

__all__ = ["OracleRefusal", "settle_world"]


def settle_world(
    landing: Path, rulebook: Path, first: date, last: date, accept: Collection[date] = ()
) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of SPEC 13 after settling first..last from nothing; OracleRefusal where the run stops."""
    return tables(settle(landing, rulebook, first, last, accept))
