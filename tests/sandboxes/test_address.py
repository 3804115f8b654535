"""Which engine is meant: the one named, else what docker's own settings say, in the order of its command line."""

import hashlib
import json
from pathlib import Path

import pytest

from harness.errors import MachineError
from harness.sandboxes.address import locate

LOCAL = "http+unix:///var/run/docker.sock"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user of docker without any settings."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def use_context(settings: Path, name: str, host: str) -> None:
    """What `docker context create NAME --docker host=HOST` and `docker context use NAME` leave on disk."""
    folder = settings / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    (settings / "config.json").write_text(json.dumps({"currentContext": name}))


def test_nothing_said_means_the_local_engine() -> None:
    """Without settings it is the local socket, and messages name no setting."""
    assert (locate().url, locate().name) == (LOCAL, "")


def test_docker_host_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_HOST names the engine, and an error will say that it did."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://box:2375")
    assert locate().name == "DOCKER_HOST=tcp://box:2375"


def test_a_host_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """--docker-host goes before DOCKER_HOST."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://box:2375")
    assert locate("unix:///other.sock").name == "unix:///other.sock"


def test_the_context_in_use_is_honoured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `docker context use` chose is where programs run, as for the docker command; DOCKER_HOST goes before it."""
    use_context(tmp_path, "lab", "tcp://lab:2375")
    assert locate().name == "the docker context lab (tcp://lab:2375)"
    monkeypatch.setenv("DOCKER_HOST", "tcp://box:2375")
    assert locate().url == "tcp://box:2375"
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    assert locate().url == "tcp://lab:2375"
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert locate().url == "tcp://box:2375"


def test_a_context_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt context is named: prevents programs from running on another engine than was asked for."""
    monkeypatch.setenv("DOCKER_CONTEXT", "labb")
    with pytest.raises(MachineError, match="no docker context labb"):
        locate()


def test_certificates_that_are_not_there_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TLS without its certificates is explained, not a traceback."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://box:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path / "none"))
    with pytest.raises(MachineError, match="Docker's settings cannot be used"):
        locate()
