"""An engine that is not there, or answers oddly: each is told apart, and never stands for a verdict."""

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import pytest
from docker import APIClient
from docker.errors import APIError
from requests.exceptions import RequestException

from harness.errors import MachineError
from harness.sandboxes.address import Address, locate
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.engine import away, connect, no_engine, trouble

LOCAL = Address("unix:///var/run/docker.sock")
Serve = Callable[[int, bytes], None]


class Answer(BaseHTTPRequestHandler):
    """Answers every request alike; with status 0 it hangs up without a word."""

    status, body = 200, b"{}"

    def do_GET(self) -> None:
        """One answer."""
        if self.status:
            self.send_response(self.status)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body)

    def address_string(self) -> str:
        """A Unix socket's client has no address."""
        return "unix"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def odd_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts an HTTP server on a Unix socket and points DOCKER_HOST at it."""
    path, handler = str(tmp_path / "engine.sock"), type("Odd", (Answer,), {})
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")

    def serve(status: int, body: bytes) -> None:
        handler.status, handler.body = status, body  # type: ignore[attr-defined]

    with ThreadingUnixStreamServer(path, handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serve
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("where", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "nonsense://x"])
def test_nowhere_is_explained(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DOCKER_HOST where nothing answers is named, with what to do."""
    monkeypatch.setenv("DOCKER_HOST", where)
    with pytest.raises(MachineError, match="DOCKER_HOST") as caught:
        connect()
    assert caught.value.exit_code == 1
    assert "never run outside a sandbox" in caught.value.hint


def test_ssh_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine over ssh:// is refused before anything is tried, and the hint says how to forward its socket."""
    monkeypatch.setenv("DOCKER_HOST", "ssh://somewhere")
    with pytest.raises(MachineError, match="ssh") as caught:
        connect()
    assert "ssh -L" in caught.value.hint


def test_refused_permission_names_the_group() -> None:
    """A user outside the docker group is told so, not that there is no engine."""
    wrapped = RequestException("wrapped", PermissionError(errno.EACCES, "Permission denied"))
    found = no_engine(wrapped, LOCAL)
    assert "may not use it" in found.message
    assert "usermod" in found.hint


def test_not_installed_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Docker is told the package's name."""
    monkeypatch.setattr("harness.sandboxes.engine.shutil.which", lambda name: None)
    found = no_engine(FileNotFoundError(errno.ENOENT, "No such file"), LOCAL)
    assert "no Docker engine on this machine" in found.message
    assert "docker.io" in found.hint


def test_not_running_says_how_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with Docker whose engine is down is told to start it."""
    monkeypatch.setattr("harness.sandboxes.engine.shutil.which", lambda name: "/usr/bin/dockerd")
    found = no_engine(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), LOCAL)
    assert "not running" in found.message
    assert "dockerd" in found.hint


@pytest.mark.parametrize(("status", "body"), [(500, b"out of order"), (0, b""), (200, b"no json")])
def test_an_odd_engine_is_no_engine(odd_engine: Serve, status: int, body: bytes) -> None:
    """What answers at DOCKER_HOST but is no Docker engine is explained like one that is not there."""
    odd_engine(status, body)
    with pytest.raises(MachineError, match="DOCKER_HOST"):
        connect()


def test_a_refusal_is_not_an_absence(odd_engine: Serve) -> None:
    """An engine's refusal is told from its silence: prevents a lost engine from being charged to a program."""
    address = locate()
    with closing(APIClient(version="1.41", base_url=address.url)) as api:
        odd_engine(404, b'{"message": "no such container"}')
        with pytest.raises(APIError) as refused:
            api.containers()
        assert not away(refused.value)
        assert "refused" in trouble(refused.value, address).message
        odd_engine(0, b"")
        with pytest.raises(RequestException) as silent:
            api.containers()
        assert away(silent.value)
        assert "No Docker engine answers" in trouble(silent.value, address).message


@pytest.mark.anyio
async def test_a_sandbox_without_an_engine_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an engine the sandbox refuses to start: never a silent fall-back to this machine."""
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/deaf.sock")
        with pytest.raises(MachineError, match="Connection refused"):
            async with DockerSandbox():
                pytest.fail("started")
