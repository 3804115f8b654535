"""The runner proper: reads jobs from the host, has each one tried, writes one outcome per job.

Started by runner.py as `supervisor.py ISOLATION` in namespaces of its own ("namespaces") or as the container's plain
root user ("user"). Frames on standard input and output: four bytes of length, then JSON (docs/sandbox.md).
"""

import gc
import importlib
import json
import os
import socket
import sys
from typing import Any

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import jail
import meters
import rehearsal
import trial
import zygote
from frames import Channel, ClosedError, TooLargeError
from verdicts import FaultError

PROTOCOL = 1
_MAX_FRAME = 64 << 20
_WARM = (
    *("bisect", "collections", "copy", "functools", "heapq", "itertools", "math", "operator", "re", "string"),
    *("typing",),
)


def main(isolation: str) -> None:
    """Serve until the host closes standard input."""
    host = Channel(_take(0, os.O_RDONLY), _take(1, os.O_WRONLY), _MAX_FRAME)
    for name in _WARM:
        importlib.import_module(name)
    proc = _open("/proc")
    pid_namespace = _open("/proc/self/ns/pid") if isolation == "namespaces" else None
    container = meters.Meters()
    if isolation == "namespaces":
        jail.build_root()
    rehearsal.warm_judge()
    gc.collect()
    gc.freeze()
    commands = _start_zygote(pid_namespace, proc, host)
    _serve(host, trial.Trial(commands, isolation, container), isolation)


def _take(descriptor: int, mode: int) -> int:
    """Move a standard descriptor out of the way, so that nothing prints into the host's frames or reads from them."""
    moved = os.dup(descriptor)
    null = os.open("/dev/null", mode)
    os.dup2(null, descriptor)
    os.close(null)
    return moved


def _open(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _start_zygote(pid_namespace: int | None, proc: int, host: Channel) -> socket.socket:
    """Fork the process that candidates come from, now, while this one has not seen a test yet."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            ours.close()
            os.close(host.reader)
            os.close(host.writer)
            zygote.Zygote(its, pid_namespace, proc).run()
        except BaseException:  # nobody else could tell why this sandbox starts no program
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    its.close()
    return ours


def _serve(host: Channel, trials: trial.Trial, isolation: str) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    _send(host, {"ready": True, "protocol": PROTOCOL, "isolation": isolation, "python": version})
    while True:
        try:
            raw = host.receive()
        except (ClosedError, TooLargeError) as error:
            sys.stderr.write(f"runner: {error}\n")
            return
        job = json.loads(raw)
        name = {"id": job["id"], "nonce": job["nonce"]}
        try:
            _send(host, name | trials.run(job, raw))
        except FaultError as fault:
            _send(host, name | {"fault": fault.reason, "message": str(fault)})


def _send(host: Channel, message: dict[str, Any]) -> None:
    host.send(json.dumps(message).encode())


if __name__ == "__main__":
    main(sys.argv[1])
