"""A Prefect server of our own for `settle serve` on one machine: on loopback, its database under `<root>/.prefect`.

It is shut to whoever does not know its password, and to pages and names that are not its own.
"""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flows.nights.server import app as prefect_app
from flows.nights.server.app import LOOPBACK
from flows.nights.server.password import auth_string
from schemas.errors import ConfigurationError, StorageError

STARTS_WITHIN: Final = 180.0
"""Seconds; the first start makes the database."""


def require_answer(url: str) -> None:
    """Raise ConfigurationError (10) if no Prefect server answers at this API's URL; one behind TLS is not asked."""
    if urlsplit(url).scheme == "http" and not _is_healthy(url):
        raise ConfigurationError(
            "the Prefect server does not answer",
            where=f"PREFECT_API_URL={url}",  # without a password: see `flows.nights.server.address`
            todo="start it, or settle without it: --direct",
        )


def api_note(home: Path) -> Path:
    """The file that says where the server of this Prefect home answers."""
    return home / "api_url"


def answering(home: Path) -> str | None:
    """The API of the server that `settle serve` runs on this home; None if none answers."""
    try:
        url = api_note(home).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return url if _is_healthy(url) else None


@contextmanager
def own_server(home: Path, port: int, gone: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Run a Prefect server and give its API's URL; it ends with the block.

    `gone` is called, in a thread, if the server ends before. Raises ConfigurationError (10) if the port is taken,
    StorageError (1) if the server does not come up, or has ended when the block leaves the process.
    """
    _require_free(port)
    password = auth_string(home)
    url, log = f"http://{LOOPBACK}:{port}/api", home / "server.log"
    # Not from the folder that this was started in: a root has folders named like packages of the program.
    command = [sys.executable, "-P", "-m", prefect_app.__name__, str(port)]
    surroundings = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_UI_API_URL": url,
        # Its pages are copied there first. By default that is a folder of the program, which is not this account's.
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "ui"),
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": prefect_app.origins(port),
    }
    # A session of its own: Ctrl-C is for `settle serve`, which then ends the server itself, last. The pipe ends it if
    # this process is killed.
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=surroundings,
            start_new_session=True,
        ) as server,
    ):
        leaving = threading.Event()
        try:
            _await_health(url, server, log)
            api_note(home).write_text(url, encoding="utf-8")
            threading.Thread(target=_watch, args=(server, leaving, gone), daemon=True).start()
            yield url
        except SystemExit as left:
            if server.poll() is not None:
                raise StorageError(
                    "the Prefect server has ended", where=str(log), todo="read its log there, then start this again"
                ) from left
            raise
        finally:
            leaving.set()
            api_note(home).unlink(missing_ok=True)
            _end(server)


def _watch(server: "subprocess.Popen[bytes]", leaving: threading.Event, gone: Callable[[], None]) -> None:
    server.wait()
    if not leaving.is_set():
        gone()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as fault:
            raise ConfigurationError(
                f"port {port} cannot be used for the Prefect server: {fault.strerror}",
                where=f"{LOOPBACK}:{port}",
                todo="choose another --port, or set PREFECT_API_URL to the Prefect server that is there already",
            ) from fault


def _await_health(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not _is_healthy(url):
        if server.poll() is not None or time.monotonic() > deadline:
            raise StorageError("the Prefect server does not come up", where=str(log), todo="read its log there")
        time.sleep(0.2)


def _is_healthy(url: str) -> bool:
    place = urlsplit(url)
    asked = http.client.HTTPConnection(place.hostname or LOOPBACK, place.port, timeout=2)
    with suppress(OSError, http.client.HTTPException), closing(asked) as connection:
        connection.request("GET", f"{place.path}/health")
        return connection.getresponse().status == http.client.OK
    return False


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()
