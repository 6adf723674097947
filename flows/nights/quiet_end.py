"""The end of a process in which Prefect was at work: nothing of its teardown is for anybody to read."""

import os
import sys


def silence_teardown() -> None:
    """Prefect's threads keep modules alive to the very end, and DuckDB's bindings would fill stderr about it."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)
