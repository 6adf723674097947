"""Reference data, read and checked (SPEC 2)."""

from collections.abc import Collection
from pathlib import Path

from lake.reference import read_sheets
from transforms.reference.checks import check_reference
from transforms.reference.model import Reference


def read_reference(root: Path, level_codes: Collection[str]) -> Reference:
    """All of ``<root>/landing/reference``, typed, sorted by key; a missing optional file means no rows.

    `level_codes` are the promoter levels that any rulebook version knows. Raises InputMissingError (11)
    without members or merchants; InputRefusedError (12), naming file, row and rule, for data that breaks its
    own rules.
    """
    return check_reference(read_sheets(root), level_codes)
