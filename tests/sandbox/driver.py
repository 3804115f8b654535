"""A small driver of the runner: one container, its frames, nothing of the host side's pool and retries."""

import json
import struct
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import docker

from harness.records import Limits
from harness.sandboxes.container import create_options, terms

GOOD = "def add(x, y):\n    return x + y\n"
BAD = "def add(x, y):\n    return x - y\n"
LIMITS = {"cpu_s": 3.0, "wall_s": 10.0, "memory_mb": 256, "processes": 32, "file_mb": 16, "output_mb": 1}


class Runner:
    """The container as a context manager. `without` are system calls to take from its allow-list."""

    def __init__(self, client: docker.APIClient, image: str, without: tuple[str, ...] = ()) -> None:
        self._client = client
        self._image = image
        self._without = without
        self._stream = b""
        self._jobs = 0
        self.stderr = b""

    def __enter__(self) -> Self:
        told = terms("Docker", self._client.info())
        told = replace(told, security=[self._weaker(option) for option in told.security])
        limits = Limits(memory_mb=LIMITS["memory_mb"], processes=64, file_mb=64)
        options = create_options(self._client, self._image, limits, told, {"harness-test": "runner"})
        self.id = self._client.create_container(**options)["Id"]
        try:
            self._attached = self._client.attach_socket(
                self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
            self._socket = self._attached._sock
            self._socket.settimeout(60)
            self._client.start(self.id)
            self.ready = self.receive()
        except BaseException:
            self._client.remove_container(self.id, force=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._attached.close()
        self._socket.close()
        self._client.remove_container(self.id, force=True)

    def _weaker(self, option: str) -> str:
        if not (self._without and option.startswith("seccomp=")):
            return option
        profile = json.loads(option.removeprefix("seccomp="))
        for rule in profile["syscalls"]:
            rule["names"] = [name for name in rule["names"] if name not in self._without]
        profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
        return "seccomp=" + json.dumps(profile)

    def send(self, program: str, check: dict[str, Any], limits: dict[str, Any]) -> str:
        """Send one job; returns its nonce."""
        [nonce] = self.hand_over((program, check, limits))
        return nonce

    def hand_over(self, *jobs: tuple[str, dict[str, Any], dict[str, Any]]) -> list[str]:
        """Send jobs (program, check, limits) in one write; returns their nonces."""
        nonces, data = [], b""
        for program, check, limits in jobs:
            self._jobs += 1
            nonces.append(f"nonce-{self._jobs}")
            job = {"id": "job", "nonce": nonces[-1], "program": program, "check": check, "limits": {**LIMITS, **limits}}
            body = json.dumps(job).encode()
            data += struct.pack(">I", len(body)) + body
        self._socket.sendall(data)
        return nonces

    def receive(self) -> dict[str, Any]:
        """The next frame of the runner's."""
        while len(self._stream) < 4 or len(self._stream) < 4 + struct.unpack(">I", self._stream[:4])[0]:
            self._more()
        end = 4 + struct.unpack(">I", self._stream[:4])[0]
        frame, self._stream = self._stream[4:end], self._stream[end:]
        return dict(json.loads(frame))

    def _more(self) -> None:
        """One piece of the engine's stream, which marks each piece as standard output or error."""
        kind, length = struct.unpack(">BxxxI", self._exactly(8))
        piece = self._exactly(length)
        if kind == 1:
            self._stream += piece
        else:
            self.stderr += piece

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            chunk = self._socket.recv(length - len(data))
            if not chunk:
                raise EOFError(f"the container is gone: {self.stderr.decode(errors='replace')}")
            data += chunk
        return data

    def run(
        self, program: str, test: str = "assert add(2, 3) == 5", functions: str = "add", **limits: Any
    ) -> dict[str, Any]:
        """The outcome of one job, after which a right and a wrong program must still get their verdicts."""
        outcome = self.run_only(program, test, functions, **limits)
        assert self.run_only(GOOD)["verdict"] == "passed", outcome
        assert self.run_only(BAD)["verdict"] == "failed", outcome
        return outcome

    def run_only(
        self, program: str, test: str = "assert add(2, 3) == 5", functions: str = "add", **limits: Any
    ) -> dict[str, Any]:
        """The outcome of one job."""
        nonce = self.send(program, check_of(test, functions), limits)
        outcome = self.receive()
        assert outcome["nonce"] == nonce
        return outcome


def check_of(test: str = "assert add(2, 3) == 5", functions: str = "add") -> dict[str, Any]:
    """A check of Python functions."""
    return {"kind": "python", "setup": "", "functions": functions.split(), "classes": [], "test": test}
