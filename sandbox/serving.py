"""The runner's side of the conversation with the host: one outcome, or one fault, for each job.

The host may hand over several jobs in one write. Their outcomes then go back in one write as well, since passing on a
message costs the engine more than a small job takes. As soon as a job takes long, those that wait behind it are given
back ("later"), so that none of them waits here while there is room elsewhere; so are those behind a job that broke
something or ran out of memory.
"""

import json
import socket
import sys
from typing import Any

import meters
import trial
from frames import Channel, ClosedError, TooLargeError
from verdicts import FaultError

PROTOCOL = 1
_HARMLESS = ("passed", "failed", "error", "compile_error", "timeout")


class Service:
    """Serves the host behind `host`. `commands` is the supervisor's end of the zygote's socket."""

    def __init__(self, host: Channel, commands: socket.socket, isolation: str) -> None:
        self._host = host
        self._isolation = isolation
        self._trials = trial.Trial(commands, isolation, meters.Meters(), self._give_back)
        self._answers: list[bytes] = []

    def run(self) -> None:
        """Say that the runner is ready, then answer until the host hangs up."""
        version = ".".join(map(str, sys.version_info[:3]))
        self._answer({"ready": True, "protocol": PROTOCOL, "isolation": self._isolation, "python": version})
        while True:
            if not self._host.buffered:
                self._send()
            try:
                raw = self._host.receive()
            except (ClosedError, TooLargeError) as error:
                sys.stderr.write(f"runner: {error}\n")
                return
            job = json.loads(raw)
            try:
                answer = self._trials.run(job, raw)
            except FaultError as fault:
                answer = {"fault": fault.reason, "message": str(fault)}
            self._answer(_name(job) | answer)
            if answer.get("verdict") not in _HARMLESS:
                self._give_back()

    def _give_back(self) -> None:
        """Have the host try the jobs that wait here elsewhere, and let it have what is done."""
        while self._host.buffered:
            self._answer(_name(json.loads(self._host.receive())) | {"later": True})
        self._send()

    def _answer(self, message: dict[str, Any]) -> None:
        self._answers.append(json.dumps(message).encode())

    def _send(self) -> None:
        self._host.send(*self._answers)
        self._answers.clear()


def _name(job: dict[str, Any]) -> dict[str, Any]:
    return {"id": job["id"], "nonce": job["nonce"]}
