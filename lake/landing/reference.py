"""The files of reference data in the landing zone (SPEC 2); `transforms.reference` knows their rules."""

import os
from pathlib import Path

from lake.landing.files import READERS, row_parts
from lake.landing.strays import require_regular
from schemas.errors import InputMissingError, InputRefusedError
from schemas.reference import REFERENCE_TABLES, ReferenceTable, TextSheet


def read_sheets(root: Path) -> dict[str, TextSheet]:
    """All of ``<root>/landing/reference`` as text, by table name; a missing optional file has no rows.

    Raises InputMissingError without members or merchants; InputRefusedError for a table that stands there
    both as CSV and as Parquet, and, when its parts are read, for a file that is not what its name says.
    """
    return {table.name: read_sheet(root, table) for table in REFERENCE_TABLES}


def read_sheet(root: Path, table: ReferenceTable) -> TextSheet:
    """One table of it; raises as `read_sheets` does."""
    folder = Path(root) / "landing" / "reference"
    files = [path for path in (folder / f"{table.name}{ending}" for ending in READERS) if os.path.lexists(path)]
    require_regular(files)
    if table.required and not files:
        raise InputMissingError(
            f"the reference data lacks {table.name}",
            where=str(folder / f"{table.name}.csv"),
            todo=f"deliver {table.name}.csv or {table.name}.parquet",
        )
    if len(files) > 1:
        names = ", ".join(map(str, files))
        raise InputRefusedError(f"{table.name} stands there twice", where=names, todo="leave one of them")
    return TextSheet(row_parts(files, table.column_names), str(files[0]) if files else table.name)
