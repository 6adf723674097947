"""A failed run in Prefect's logs: what was wrong, where and what to do, once, without the tracebacks around it.

The run is `Failed` all the same, its hooks fire, and the error reaches whoever has called the flow. A defect of the
program keeps its traceback.
"""

import logging
from typing import Final
from weakref import WeakSet

from schemas.errors import SettleError

LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")
"""Through which Prefect tells that a flow, a task or a process of its own has raised something."""


class PlainFailures(logging.Filter):
    """Takes the traceback off an error that says itself what it is, and tells it only the first time."""

    def __init__(self) -> None:
        super().__init__()
        self._told: WeakSet[BaseException] = WeakSet()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is told; one of ours is made plain."""
        fault = record.exc_info[1] if record.exc_info else None
        if not isinstance(fault, SettleError):
            return True
        if fault in self._told:
            return False
        self._told.add(fault)
        record.msg, record.args = f"{fault}\n  exit code: {fault.exit_code}", ()
        record.exc_info = record.exc_text = None
        return True


def tell_failures_plainly() -> None:
    """Put the filter in front of everything that listens to these loggers: the console and Prefect's server."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, PlainFailures) for each in logger.filters):
            logger.addFilter(_plain)


_plain: Final = PlainFailures()
