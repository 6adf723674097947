"""Prefect's surroundings for a command of ours. Called before Prefect is imported, since it reads them then."""

import atexit
import os
import sys
from pathlib import Path

from flows.settings import Settings


def prepare(settings: Settings) -> None:
    """Without a server of the user's: one of our own under `<root>/.prefect`, silent, without analytics.

    What the user has set stays. Prefect's own tracebacks stay off the console unless --debug asks for them;
    its server hears everything.
    """
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    if not settings.debug:
        defaults["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    if "PREFECT_API_URL" not in os.environ:
        defaults["PREFECT_HOME"] = str(Path(settings.root).resolve() / ".prefect")
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    # Handlers run last in, first out: this one after all of Prefect's own.
    atexit.register(_silence_teardown)


def _silence_teardown() -> None:
    """Prefect's threads keep modules alive to the very end, and DuckDB's bindings would fill stderr about it."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)
