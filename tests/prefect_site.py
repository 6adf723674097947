"""A Prefect server on loopback, `settle serve` beside it, and a webhook that hears the alerts: for one test module."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleUpdate, DeploymentUpdate
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.states import Scheduled

from flows.nights.server.deployments import DUTIES
from flows.nights.server.password import auth_string
from flows.nights.server.process import own_server

T = TypeVar("T")
SETTLE = Path(sys.executable).with_name("settle")
HASTE = {
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "2",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
PATIENCE = 180.0
ONCE_MORE = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(look: Callable[[], T], what: str) -> T:
    """The first thing that `look` finds."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.5)
    return found


def until_after(act: Callable[[], None], look: Callable[[], T], what: str) -> T:
    """The first thing that `look` finds after `act`, which is done again now and then.

    A scheduler that was planning when its plan was changed may put runs of the old plan back, and then misses none.
    """
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        act()
        again = time.monotonic() + ONCE_MORE
        while time.monotonic() < again:
            if found := look():
                return found
            time.sleep(0.5)
    raise AssertionError(f"waited in vain: {what}")


@dataclass
class Site:
    """`heard`: the alerts, as they were posted. `hold`: touch it, and the next settlement stops in the middle."""

    folder: Path
    root: Path
    url: str
    client: SyncPrefectClient
    hold: Path
    heard: list[dict[str, str]] = field(default_factory=list)
    serving: "subprocess.Popen[bytes] | None" = None

    def serve(self) -> None:
        """Start `settle serve` and wait until its deployments are there."""
        places = ["--root", self.root, "--warehouse", self.root / "w.duckdb", "--rulebook", self.root / "rulebook.toml"]
        care = ["--alert-block", "custom-webhook/operators", "--quarantine-share", "0.2"]
        surroundings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "SETTLE"))},
            **HASTE,
            "PREFECT_HOME": str(self.folder / "home"),
            "PREFECT_API_URL": self.url,
            "PREFECT_API_AUTH_STRING": auth_string(self.folder / "home"),
            "TMPDIR": str(_of_another(self.folder / "tmp")),
            "SETTLE_TEST_PLACES": str(self.folder / "places.json"),
            "PYTHONPATH": str(Path(__file__).parent / "held"),
            "SETTLE_TEST_HOLD": str(self.hold),
        }
        log = self.folder / "serve.log"
        with log.open("ab") as output:
            self.serving = subprocess.Popen(
                [SETTLE, *places, "serve", *care], stdout=output, stderr=output, env=surroundings
            )
        until(lambda: self.serving is None or b"every-week" in log.read_bytes(), "settle serve registers its duties")
        assert self.serving.poll() is None, log.read_text(encoding="utf-8")

    def stop(self) -> None:
        """As an operator stops it."""
        if self.serving is not None:
            self.serving.send_signal(signal.SIGTERM)
            self.serving.wait(60)
            self.serving = None
        log = self.folder / "serve.log"
        said = log.read_text(encoding="utf-8") if log.exists() else ""
        log.write_bytes(b"")
        assert "Traceback" not in said, said
        assert "Warning: " not in said, said

    @property
    def night(self) -> UUID:
        return self.client.read_deployment_by_name("nightly/every-night").id

    def trigger(self, root: Path, scheduled: datetime, flow: str = "nightly", asked: Any = None) -> UUID:
        """A run that was scheduled for this time, as the schedule of the flow makes them, of a service of `root`, which
        is the place of all runs that begin from now on. `asked`: parameters of its own."""
        [duty] = [each for each in DUTIES if each.flow.name == flow]
        places = {"ROOT": root, "WAREHOUSE": root / "w.duckdb", "RULEBOOK": root / "rulebook.toml"}
        named = {f"SETTLE_{name}": str(path) for name, path in places.items()}
        (self.folder / "places.json").write_text(json.dumps(named), encoding="utf-8")
        made = self.client.create_flow_run_from_deployment(
            self.client.read_deployment_by_name(f"{flow}/{duty.name}").id,
            parameters=asked or {},
            state=Scheduled(scheduled_time=scheduled),
        )
        return made.id

    def reschedule(self, schedule: Any) -> None:
        """Give the nights another schedule."""
        update = DeploymentUpdate(
            schedules=[DeploymentScheduleUpdate(schedule=schedule, active=True, slug="every-night")]
        )
        self.client.update_deployment(self.night, update)

    def ended(self, run: UUID) -> FlowRun:
        def look() -> FlowRun | None:
            found = self.client.read_flow_run(run)
            return found if found.state is not None and found.state.is_final() else None

        return until(look, f"the flow run {run} ends")  # type: ignore[return-value]


def _of_another(folder: Path) -> Path:
    """Temporary files among which Prefect's own place is taken, as by another account's Prefect."""
    folder.mkdir(exist_ok=True)
    (folder / "runner_storage").touch()
    return folder


@contextmanager
def prefect_site(folder: Path, root: Path) -> Iterator[Site]:
    saved = {name: os.environ.get(name) for name in HASTE}
    os.environ.update(HASTE)
    try:
        with (
            own_server(folder / "home", free_port()) as url,
            temporary_settings({PREFECT_API_URL: url, PREFECT_API_AUTH_STRING: auth_string(folder / "home")}),
            get_client(sync_client=True) as client,
        ):
            site = Site(folder, root, url, client, folder / "hold")
            with _webhook(site):
                site.serve()
                try:
                    yield site
                finally:
                    site.hold.unlink(missing_ok=True)
                    site.stop()
    finally:
        for name, value in saved.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _webhook(site: Site) -> Iterator[None]:
    class Hear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            site.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    CustomWebhookNotificationBlock(
        name="operators",
        url=f"http://127.0.0.1:{server.server_port}/alert",
        json_data={"subject": "{{subject}}", "body": "{{body}}"},
        allow_private_urls=True,
    ).save("operators", _sync=True)  # type: ignore[call-arg]
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
