"""Whether the lake still holds what its runs wrote: files of the right size, and how to say that one is not."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lake.runs.head import require_history
from lake.runs.log import RunLog
from lake.runs.run import FORMAT
from lake.tables.files import DataFile, run_of
from lake.tables.store import Store
from schemas.errors import DamagedLakeError
from schemas.tables import TABLES

MISSING: Final = "missing"
"""What is found where a file is not."""
SHOWN: Final = 10
"""Faults that an error names one by one."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written. `expected` and `found`: digests, or what else is compared."""

    what: str
    file: str
    run_id: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: {self.file}\n    run {self.run_id}, expected {self.expected}, found {self.found}"


def require_whole(folder: Path, oldest: int = FORMAT) -> None:
    """Raise DamagedLakeError (13) if a file that the last run names is missing or has another size.

    `oldest`: the oldest format that the lake may have.

    This looks at sizes only: it stands before every run, while `audit` reads every byte.
    """
    log, store = RunLog(folder, oldest), Store(folder)
    require_history(folder, log.frame().to_dicts())
    run = log.last()
    if run is None:
        return
    faults = [
        _torn(path, f)
        for name, version in run.versions.items()
        for f in store.files(TABLES[name], version)
        if size_of(path := f"{folder}/{name}/{f.path}") != f.size
    ]
    refuse(faults)


def refuse(faults: list[Fault]) -> None:
    """Raise DamagedLakeError (13) that names the faults; nothing without any."""
    if not faults:
        return
    shown = [str(fault) for fault in faults[:SHOWN]]
    more = [f"and {len(faults) - SHOWN} more (--json names them all)"] if len(faults) > SHOWN else []
    raise DamagedLakeError(
        "\n  ".join(["the lake is not as its runs left it", *shown, *more]),
        where=faults[0].file,
        todo="restore these files from a backup; if there is none, settle the landing zone into a new root",
    )


def size_of(path: str) -> int | None:
    """Bytes of a file; None if it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116  (of every file of the lake, before every run)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _torn(path: str, f: DataFile) -> Fault:
    size = size_of(path)
    found = MISSING if size is None else f"{size} bytes"
    return Fault(
        "a file of the lake is missing or cut off", path, run_of(f.path) or "unknown", f"{f.size} bytes", found
    )
