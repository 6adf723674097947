"""A failed run in Prefect's logs: its error once, without a traceback; a defect keeps its own."""

import asyncio
import logging
import sys

import pytest

from flows.nights.plain_failures import LOGGERS, PlainFailures, end_quietly, tell_failures_plainly
from schemas.errors import InputMissingError


def record(fault: BaseException) -> logging.LogRecord:
    try:
        raise fault
    except BaseException:
        return logging.LogRecord("any", logging.ERROR, __file__, 1, "Encountered %r", (fault,), sys.exc_info())


def test_an_error_of_ours_is_told_once_and_plainly() -> None:
    plain, fault = PlainFailures(), InputMissingError("no day", where="a\x1bb", todo="have it delivered")
    first = record(fault)
    assert plain.filter(first)
    assert logging.Formatter().format(first) == (
        "no day\n  where: a\\x1bb\n  to do: have it delivered\n  exit code: 11"
    )
    assert not plain.filter(record(fault)), "the task and the process around the flow say it again"
    assert plain.filter(record(InputMissingError("no day"))), "another try is another failure"


def test_a_defect_keeps_its_traceback() -> None:
    told = record(ZeroDivisionError("stumbled"))
    assert PlainFailures().filter(told)
    assert "Traceback" in logging.Formatter().format(told)


def test_the_filter_is_put_in_once(caplog: pytest.LogCaptureFixture) -> None:
    tell_failures_plainly()
    tell_failures_plainly()
    for name in LOGGERS:
        assert sum(isinstance(each, PlainFailures) for each in logging.getLogger(name).filters) == 1


def test_a_fault_of_the_machine_is_told_without_a_traceback() -> None:
    told = record(IsADirectoryError(21, "Is a directory", "a\nb"))
    assert PlainFailures().filter(told)
    assert logging.Formatter().format(told) == ("the machine cannot read or write: [Errno 21] Is a directory: 'a\\nb'")


def test_what_is_cancelled_at_the_end_is_no_error() -> None:
    end_quietly()
    logger = logging.getLogger("asyncio")
    assert not logger.filter(record(asyncio.CancelledError()))
    assert logger.filter(record(ZeroDivisionError()))
