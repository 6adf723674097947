"""Files written beside the computing: a night computes its next rows while its last ones are sorted, packed, hashed.

One thread writes, in the order in which it was asked, so that a run's steps have one order.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

import polars as pl

from lake.digest import digest
from lake.tables.files import DataFile
from lake.tables.writing import write
from schemas.contracts import validated
from schemas.tables import Table

Job = Future[list[DataFile]]
WAITING_AT_MOST: Final = 1
"""Jobs that may wait for the one at work: their rows are in memory."""


class Writer:
    """What one draft writes into the tables below `folder`. `digests`: of every file, by table and path."""

    def __init__(self, folder: Path) -> None:
        self.digests: dict[tuple[str, str], str] = {}
        self._folder = folder
        self._thread: ThreadPoolExecutor | None = None
        self._jobs: list[tuple[str, Job]] = []

    def begin(self, table: Table, rows: pl.DataFrame, name: str) -> None:
        """Have rows written; first wait until few others are to be."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="write")
        open_jobs = [done for _, done in self._jobs if not done.done()]
        if len(open_jobs) > WAITING_AT_MOST:
            wait(open_jobs[:1])
        self._jobs.append((table.name, self._thread.submit(self.write, table, rows, name)))

    def write(self, table: Table, rows: pl.DataFrame, name: str) -> list[DataFile]:
        """Write rows now. Raises ControlFailedError (13) if they break the table's contract."""
        folder = self._folder / table.name
        files = write(validated(table, rows), folder, table, name)
        # Known before they are read: if that fails, they are removed with all that the run wrote.
        self.digests |= dict.fromkeys(((table.name, f.path) for f in files), "")
        for f in files:
            self.digests[table.name, f.path] = digest(folder / f.path)
        return files

    def tables(self) -> list[str]:
        """Tables of which jobs have not been asked after, in the order of their jobs."""
        return list(dict.fromkeys(table for table, _ in self._jobs))

    def written(self, table: str) -> Iterator[list[DataFile]]:
        """What the table's jobs have written since this was asked last, waited for. Raises what stopped one."""
        asked = [job for name, job in self._jobs if name == table]
        self._jobs = [(name, job) for name, job in self._jobs if name != table]
        for job in asked:
            yield job.result()

    def end(self) -> None:
        """Wait until nothing is being written, well or not."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
            self._thread = None

    def remove(self, written: Iterable[tuple[str, str]]) -> None:
        """Remove files that no version will name, told by table and path."""
        for name, path in written:
            (self._folder / name / path).unlink(missing_ok=True)
