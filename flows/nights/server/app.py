"""Prefect's server as `settle serve` runs it, a process of its own: `python -m flows.nights.server.app PORT`.

It answers on loopback, requests that are for loopback, and ends when whoever started it has ended: its stdin is a pipe
of which nobody else has the other end.
"""

import os
import signal
import sys
import threading
from typing import Any, Final

LOOPBACK: Final = "127.0.0.1"
NAMES: Final = (LOOPBACK, "localhost")
"""What a request may call the server. A page whose name was made to lead to loopback calls it by that name."""


def origins(port: int) -> str:
    """The pages that may ask the server: its own, under either of its names."""
    return ",".join(f"http://{name}:{port}" for name in NAMES)


def guarded_app() -> Any:  # noqa: ANN401  (an ASGI application has no type of its own)
    """Prefect's server behind the names that it goes by."""
    from prefect.server.api.server import create_app  # noqa: PLC0415
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415

    return TrustedHostMiddleware(create_app(final=True), allowed_hosts=list(NAMES), www_redirect=False)


def main() -> None:
    """Serve until told to stop, or until there is nobody left to serve."""
    import uvicorn  # noqa: PLC0415
    from prefect.settings import get_current_settings  # noqa: PLC0415

    threading.Thread(target=_leave_with_parent, daemon=True).start()
    of_server = get_current_settings().server
    uvicorn.run(
        guarded_app(),
        host=LOOPBACK,
        port=int(sys.argv[1]),
        timeout_keep_alive=of_server.api.keepalive_timeout,
        log_level=of_server.logging_level.lower(),
        server_header=False,
    )


def _leave_with_parent() -> None:
    while os.read(0, 1):  # of the descriptor: a thread that waits in sys.stdin would hinder the interpreter's end
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
