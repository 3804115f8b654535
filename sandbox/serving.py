"""The runner's side of the conversation with the host: one outcome, or one fault, for each job."""

import json
import socket
import sys
from typing import Any

import meters
import trial
from frames import Channel, ClosedError, TooLargeError
from verdicts import FaultError

PROTOCOL = 1


class Service:
    """Serves the host behind `host`. `commands` is the supervisor's end of the zygote's socket."""

    def __init__(self, host: Channel, commands: socket.socket, isolation: str) -> None:
        self._host = host
        self._isolation = isolation
        self._trials = trial.Trial(commands, isolation, meters.Meters())

    def run(self) -> None:
        """Say that the runner is ready, then answer until the host hangs up."""
        version = ".".join(map(str, sys.version_info[:3]))
        self._send({"ready": True, "protocol": PROTOCOL, "isolation": self._isolation, "python": version})
        while True:
            try:
                raw = self._host.receive()
            except (ClosedError, TooLargeError) as error:
                sys.stderr.write(f"runner: {error}\n")
                return
            job = json.loads(raw)
            name = {"id": job["id"], "nonce": job["nonce"]}
            try:
                self._send(name | self._trials.run(job, raw))
            except FaultError as fault:
                self._send(name | {"fault": fault.reason, "message": str(fault)})

    def _send(self, message: dict[str, Any]) -> None:
        self._host.send(json.dumps(message).encode())
