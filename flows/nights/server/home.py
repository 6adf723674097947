"""Prefect's surroundings for a command of ours. Called before Prefect is imported, since it reads them then."""

import atexit
import os
import sys
from pathlib import Path
from urllib.parse import quote

from flows.nights.quiet_end import silence_teardown
from flows.nights.server.address import given_address
from flows.nights.server.app import LOOPBACK
from flows.nights.server.password import auth_string, make_private
from flows.nights.server.process import answering, require_answer
from flows.settings import Settings


def prepare(settings: Settings) -> None:
    """Which server hears of the run: the user's, the one that `settle serve` runs for this root, or a temporary one.

    The last two have their database under `<root>/.prefect`, ask for its password and send no analytics. What the user
    has set stays.
    Prefect's own tracebacks stay off the console unless --debug asks for them; its server hears everything.
    """
    address = given_address()
    surround(settings)
    if address:
        require_answer(address)
    elif url := answering(home_of(settings)):
        os.environ["PREFECT_API_URL"] = url
    if not settings.debug:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    # Handlers run last in, first out: this one after all of Prefect's own.
    atexit.register(silence_teardown)


def surround(settings: Settings) -> None:
    """Settings of Prefect that hold for every command, unless the user has set them."""
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    if "PREFECT_API_URL" not in os.environ:
        home = home_of(settings)
        defaults["PREFECT_HOME"] = str(home)
        # Of a password what the user has set is for another server. Prefect reads it once, when it is imported.
        if settings.root.is_dir() and "prefect" not in sys.modules:
            os.environ["PREFECT_SERVER_API_AUTH_STRING"] = os.environ["PREFECT_API_AUTH_STRING"] = auth_string(home)
        defaults["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] = f"http://{LOOPBACK}"
        if "?" in str(home):
            # In the address that Prefect makes of its home, the name of the database would end there.
            database = f"file:{quote(str(home.absolute()))}/prefect.db?uri=true"
            defaults["PREFECT_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{database}"
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def home_of(settings: Settings) -> Path:
    """Where Prefect keeps its database for this root, unless the user has chosen."""
    return Path(os.environ.get("PREFECT_HOME", Path(settings.root).resolve() / ".prefect"))


def own_folder(settings: Settings) -> Path:
    """A folder for what is passing, of this account alone."""
    folder = home_of(settings) / "tmp"
    make_private(folder)
    return folder
