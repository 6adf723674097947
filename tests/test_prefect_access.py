"""Who may ask a Prefect server of our own: whoever has its password, by its own name, from its own pages."""

import base64
import http.client
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows.nights.server.password import auth_note, auth_string
from flows.nights.server.process import _is_healthy, own_server
from schemas.errors import ConfigurationError, StorageError
from tests.prefect_site import HASTE, free_port

PATHS = ("/api/deployments/filter", "/api/block_documents/filter", "/api/flow_runs/", "/api/admin/settings")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect") / "home"


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in HASTE.items():
            patch.setenv(name, value)
        with own_server(home, free_port()) as found:
            yield found


def asked(url: str, path: str, password: str | None, **headers: str) -> http.client.HTTPResponse:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    if password is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(password.encode()).decode()}"
    body = None if path.endswith("settings") or "OPTIONS" in headers else "{}"
    method = headers.pop("OPTIONS", None) or ("GET" if body is None else "POST")
    connection.request(method, path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("password", [None, "", "settle:", "settle:wrong", "admin:pass"])
def test_nobody_is_answered_who_does_not_know_the_password(path: str, password: str | None, url: str) -> None:
    assert asked(url, path, password).status == 401


def test_whoever_knows_it_is_answered(url: str, home: Path) -> None:
    for path in ("/api/deployments/filter", "/api/block_documents/filter", "/api/admin/settings"):
        assert asked(url, path, auth_string(home)).status == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "evil.example:4200", "[::1]", "0.0.0.0"])
def test_it_answers_to_its_own_names_only(name: str, url: str, home: Path) -> None:
    """A page whose name was made to lead to loopback (DNS rebinding)."""
    for path in ("/api/health", "/api/deployments/filter", "/ui-settings", "/"):
        assert asked(url, path, auth_string(home), Host=name).status == 400


def test_localhost_is_one_of_them(url: str, home: Path) -> None:
    port = urlsplit(url).port
    assert asked(url, "/api/deployments/filter", auth_string(home), Host=f"localhost:{port}").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
def test_pages_of_others_may_not_read_what_it_answers(origin: str, url: str, home: Path) -> None:
    answer = asked(url, "/api/deployments/filter", auth_string(home), Origin=origin)
    assert answer.headers["access-control-allow-origin"] is None
    before = {"OPTIONS": "OPTIONS", "Origin": origin, "Access-Control-Request-Method": "POST"}
    assert asked(url, "/api/deployments/filter", None, **before).status == 400


def test_its_own_pages_may(url: str, home: Path) -> None:
    own = f"http://localhost:{urlsplit(url).port}"
    answer = asked(url, "/api/deployments/filter", auth_string(home), Origin=own)
    assert answer.headers["access-control-allow-origin"] == own


def test_password_and_database_are_the_accounts_alone(url: str, home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(auth_note(home).stat().st_mode) == 0o600
    password = auth_string(home)
    assert len(password) > len("settle:") + 40
    assert auth_string(home) == password, "it stays"
    assert password.partition(":")[2] not in "".join(
        path.read_text(errors="replace") for path in home.iterdir() if path.is_file() and path != auth_note(home)
    )


def test_no_command_line_shows_it(url: str, home: Path) -> None:
    secret = auth_string(home).partition(":")[2].encode()
    shown = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert shown
    assert not [line for line in shown if secret in line]


def test_a_password_that_others_can_read_is_none(tmp_path: Path) -> None:
    first = auth_string(tmp_path)
    auth_note(tmp_path).chmod(0o640)
    with pytest.raises(ConfigurationError, match="others can read"):
        auth_string(tmp_path)
    auth_note(tmp_path).unlink()
    assert auth_string(tmp_path) != first


@pytest.mark.parametrize("content", ["", "nothing", "a:\x1b[2J"])
def test_a_garbled_password_is_told(content: str, tmp_path: Path) -> None:
    auth_string(tmp_path)
    auth_note(tmp_path).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no password"):
        auth_string(tmp_path)


def test_a_place_where_none_can_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be kept"):
        auth_string(tmp_path / "home")


def test_a_server_ends_with_whoever_started_it_even_if_that_was_killed(tmp_path: Path) -> None:
    port = free_port()
    program = (
        "import sys, time; from pathlib import Path; from flows.nights.server.process import own_server\n"
        "with own_server(Path(sys.argv[1]), int(sys.argv[2])): print('up', flush=True); time.sleep(600)"
    )
    surroundings = {**os.environ, **HASTE}
    line = [sys.executable, "-c", program, str(tmp_path / "home"), str(port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=surroundings) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == b"up\n"
        url = f"http://127.0.0.1:{port}/api"
        assert _is_healthy(url)
        serving.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while _is_healthy(url):
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.2)
