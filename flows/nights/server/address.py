"""The address of a Prefect server that somebody else runs: what it may be, and that no secret in it is ever shown."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from schemas.errors import ConfigurationError

NAME: Final = "PREFECT_API_URL"
PASSWORD: Final = "PREFECT_API_AUTH_STRING"
_LIKE: Final = "http://127.0.0.1:4200/api"


def given_address() -> str | None:
    """The address in PREFECT_API_URL; None without one.

    A password in it is moved to where Prefect looks for one: what Prefect takes for an address it shows in logs, pages,
    alerts and errors. Raises ConfigurationError (10), without showing it, for what is no address of an API.
    """
    given = os.environ.get(NAME, "").strip()
    if not given:
        os.environ.pop(NAME, None)
        return None
    try:
        parts = urlsplit(given)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise _refused("it cannot be read as an address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _refused("it does not begin with http:// or https:// and the name of a machine")
    if parts.query or parts.fragment:
        raise _refused("it has a ? or a #: what Prefect appends would get lost behind it")
    if parts.username is not None:
        os.environ.setdefault(PASSWORD, f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    os.environ[NAME] = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
    return os.environ[NAME]


@contextmanager
def answers_expected() -> Iterator[None]:
    """Whatever asks a Prefect server. Raises ConfigurationError (10) if that does not answer, or does not let us in."""
    import httpx  # noqa: PLC0415
    from prefect.exceptions import PrefectHTTPStatusError  # noqa: PLC0415

    try:
        yield
    except PrefectHTTPStatusError as fault:
        status = fault.response.status_code
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            todo = f"set {PASSWORD} to user:password of that server, or settle without it: --direct"
        else:
            todo = "look at that server's log, or settle without it: --direct"
        raise _no_answer(f"the Prefect server answers {status} {fault.response.reason_phrase}", todo) from None
    except httpx.HTTPError as fault:
        raise _no_answer(f"the Prefect server does not answer: {type(fault).__name__}", _START) from None
    except RuntimeError as fault:
        if not str(fault).startswith(_PREFECTS):
            raise
        raise _no_answer("the Prefect server does not answer", _START) from None


_PREFECTS: Final = ("Failed to reach API", "Timed out while attempting to connect to ephemeral")
"""How errors begin by which Prefect says that its server is not there, or that its own temporary one did not start."""
_START: Final = "start it, or settle without it: --direct"


def _no_answer(what: str, todo: str) -> ConfigurationError:
    return ConfigurationError(what, where=f"{NAME}={os.environ.get(NAME, 'a server of its own')}", todo=todo)


def _refused(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{NAME} is not the address of a Prefect API: {why}",
        where="the environment",
        todo=f"set it to something like {_LIKE}, or take it away; or settle without Prefect: --direct",
    )
