"""A failed run in Prefect's logs: what was wrong, where and what to do, once, without the tracebacks around it.

The run is `Failed` all the same, its hooks fire, and the error reaches whoever has called the flow. A defect of the
program keeps its traceback.
"""

import asyncio
import logging
from collections import deque
from typing import Final

from schemas.errors import SettleError
from schemas.shown import shown

LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs", "prefect.engine")
"""Through which Prefect tells that a flow, a task or a process of its own has raised something."""
REMEMBERED: Final = 16
"""Failures whose second telling is left out: a flow's, and those of its tasks."""


class PlainFailures(logging.Filter):
    """Takes the traceback off an error that says itself what it is, and tells it once."""

    def __init__(self) -> None:
        super().__init__()
        self._told: deque[BaseException] = deque(maxlen=REMEMBERED)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is told; one of ours is made plain."""
        fault = record.exc_info[1] if record.exc_info else None
        if not isinstance(fault, SettleError | OSError):
            return True
        if any(fault is each for each in self._told):
            return False
        self._told.append(fault)
        record.msg, record.args = _plain(fault), ()
        record.exc_info = record.exc_text = None
        return True


def tell_failures_plainly() -> None:
    """Put the filter in front of everything that listens to these loggers: the console and Prefect's server."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, PlainFailures) for each in logger.filters):
            logger.addFilter(_failures)


def end_quietly() -> None:
    """Told to stop, a server cancels its connections; that is nothing to tell as an error."""
    logging.getLogger("asyncio").addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _plain(fault: SettleError | OSError) -> str:
    if isinstance(fault, SettleError):
        return f"{fault}\n  exit code: {fault.exit_code}"
    return shown(f"the machine cannot read or write: {fault}")


_failures: Final = PlainFailures()
