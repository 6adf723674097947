"""What a run of the schedule bears: faults that heal are tried again, and a stuck process ends itself."""

import atexit
import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from prefect.client.schemas.objects import State
from prefect.runtime import deployment

from flows.nights.quiet_end import silence_teardown
from schemas.errors import AnotherRunError, StorageError

RETRY_AFTER: Final = (60, 300, 900, 1800)
"""Seconds before each new try."""
GRACE: Final = timedelta(minutes=10)
"""How long Prefect's own timeout may take to end a run before its process is ended."""


def heals(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether trying again may help: the disk, the network share, a lock. A broken contract does not heal."""
    fault = state.result(raise_on_failure=False)
    return isinstance(fault, StorageError | AnotherRunError | OSError)


@contextmanager
def end_when_stuck(after: timedelta) -> Iterator[None]:
    """End this process some time `after`, wherever it hangs; only in a process that a deployment's run has to itself.

    Prefect's timeout interrupts Python code only. A dead process frees the lake's lock and its place in the queue.
    The process ends silently: what libraries say at their end is nothing to a reader of the service's log.
    """
    if deployment.id is None:
        yield
        return
    atexit.register(silence_teardown)
    faulthandler.dump_traceback_later((after + GRACE).total_seconds(), exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
