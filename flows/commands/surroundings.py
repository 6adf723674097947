"""What the environment of a process may say, before a library takes it for granted and hangs or dies of it."""

import os
from typing import Final

from schemas.errors import ConfigurationError

THREADS: Final = "POLARS_MAX_THREADS"
MOST_THREADS: Final = 4096
"""More than any machine has processors."""


def require_threads() -> None:
    """Raise ConfigurationError (10) if Polars is told to work with no thread, or with more than there can be."""
    given = os.environ.get(THREADS)
    if given is None or given.lstrip("0") in map(str, range(1, MOST_THREADS + 1)):
        return
    raise ConfigurationError(
        f"{THREADS} is {given!r}, no number of threads",
        where="the environment",
        todo=f"set it to a whole number from 1 to {MOST_THREADS:,}, or take it away: then all processors work",
    )
