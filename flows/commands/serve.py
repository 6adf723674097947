"""`settle serve`: the schedule on one machine, with a Prefect server of its own or the one that is there."""

import os
import sys

from flows.care import Care
from flows.prefect_home import home_of, surround
from flows.prefect_server import own_server, require_answer
from flows.settings import Settings


def serve(settings: Settings, care: Care, port: int) -> None:
    """Serve until told to stop. The server is the one of PREFECT_API_URL; without it, one is started and ended here."""
    surround(settings)
    if "PREFECT_API_URL" in os.environ:
        require_answer(os.environ["PREFECT_API_URL"])
        _serve(settings, care)
        return
    _say("starting a Prefect server")
    with own_server(home_of(settings), port) as url:
        os.environ["PREFECT_API_URL"] = url
        _say(f"Prefect's pages: {url.removesuffix('/api')}")
        _serve(settings, care)


def _serve(settings: Settings, care: Care) -> None:
    from flows.notices import notification_block  # noqa: PLC0415
    from flows.serving import serve_all  # noqa: PLC0415

    if care.alert_block:
        notification_block(care.alert_block)
    serve_all(settings, care, _say)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
