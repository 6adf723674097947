"""`settle serve`: the schedule on one machine, with a Prefect server of its own or the one that is there."""

import os
import signal
import sys
import time
from decimal import Decimal
from typing import Annotated, Final

from cyclopts import Parameter

from flows.commands.app import Given, Whole
from flows.nights.options import Care, Require
from flows.nights.server.address import answers_expected, given_address
from flows.nights.server.home import home_of, surround
from flows.nights.server.password import auth_note
from flows.nights.server.process import own_server, require_answer
from flows.settings import Settings
from schemas.errors import InputMissingError, StorageError, UsageError
from schemas.shown import shown_lines

LAST_PORT: Final = 65_535


def serve(
    *,
    require: Annotated[
        Require,
        Parameter(env_var="SETTLE_REQUIRE", help="what makes a day complete: any file, _SUCCESS, control.json"),
    ] = "files",
    wait_until: Annotated[
        str, Parameter(env_var="SETTLE_WAIT_UNTIL", help="how long a night waits for its files, in Shanghai")
    ] = "08:00",
    alert_block: Annotated[
        str | None, Parameter(env_var="SETTLE_ALERT_BLOCK", help="Prefect notification block, as custom-webhook/name")
    ] = None,
    fund_floor: Annotated[
        Decimal | None, Parameter(env_var="SETTLE_FUND_FLOOR", help="alert if the fund falls below, in yuan")
    ] = None,
    quarantine_share: Annotated[
        Decimal | None,
        Parameter(env_var="SETTLE_QUARANTINE_SHARE", help="alert if more of a day is quarantined, 0 to 1"),
    ] = None,
    port: Annotated[
        Whole, Parameter(env_var="SETTLE_PREFECT_PORT", help="of the Prefect server, if PREFECT_API_URL names none")
    ] = 4200,
    given: Given,
) -> None:
    """Run the nights and what else is due by itself, on a schedule, until stopped."""
    _serve_until_stopped(given, Care(require, wait_until, alert_block, fund_floor, quarantine_share), port)


def _serve_until_stopped(settings: Settings, care: Care, port: int) -> None:
    """Serve until told to stop. The server is the one of PREFECT_API_URL; without it, one is started and ended here."""
    if not 1 <= port <= LAST_PORT:
        raise UsageError(f"--port {port} is no port", todo=f"ports are whole numbers from 1 to {LAST_PORT}")
    if not settings.root.is_dir():
        raise InputMissingError(
            "there is no such root",
            where=str(settings.root),
            todo="point --root (or SETTLE_ROOT) at an existing folder",
        )
    address = given_address()
    surround(settings)
    if address:
        require_answer(address)
        _serve(settings, care, alone=False)
        return
    # Until Prefect takes the signal over, it would end this process at once and leave the server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _say("starting a Prefect server")
    with own_server(home_of(settings), port, gone=_leave) as url:
        os.environ["PREFECT_API_URL"] = url
        pages, password = url.removesuffix("/api"), auth_note(home_of(settings))
        _say(f"Prefect's pages: {pages} (they ask for the line in {password})")
        _serve(settings, care, alone=True)


LEAVES_AFTER: Final = (1, 20, 20)
"""Seconds before each signal: one that comes while a line is written to the log is lost there."""


def _leave() -> None:
    """Without its server nothing would ever run again: end, and be started again by whoever started this."""
    for seconds in LEAVES_AFTER:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LEAVES_AFTER[-1])
    os._exit(StorageError.exit_code)


def _serve(settings: Settings, care: Care, *, alone: bool) -> None:
    from flows.nights.send import notification_block  # noqa: PLC0415
    from flows.nights.server.serve import serve_all  # noqa: PLC0415
    from flows.nights.service import surround_runs  # noqa: PLC0415

    surround_runs(settings)
    with answers_expected():
        if care.alert_block:
            notification_block(care.alert_block)
        serve_all(settings, care, _say, alone=alone)


def _say(text: str) -> None:
    print(shown_lines(text), file=sys.stderr, flush=True)
