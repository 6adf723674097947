"""Files written beside the computing: a night computes its next rows while its last ones are sorted, packed, hashed.

One thread writes, in the order in which it was asked, so that a run's steps have one order.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from lake.files import DataFile

Job = Future[list[DataFile]]
WAITING_AT_MOST: Final = 1
"""Jobs that may wait for the one at work: their rows are in memory."""


class Writer:
    """Jobs of one draft, by table."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._jobs: list[tuple[str, Job]] = []

    def begin(self, table: str, job: Callable[[], list[DataFile]]) -> None:
        """Have `job` done; first wait until few others are to be done."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="write")
        open_jobs = [done for _, done in self._jobs if not done.done()]
        if len(open_jobs) > WAITING_AT_MOST:
            wait(open_jobs[:1])
        self._jobs.append((table, self._thread.submit(job)))

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
