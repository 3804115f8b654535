"""The runner proper: reads jobs from the host, has each one tried, writes one outcome per job.

Started by runner.py as `supervisor.py ISOLATION` in namespaces of its own ("namespaces") or as the container's plain
root user ("user"). Frames on standard input and output: four bytes of length, then JSON (docs/sandbox.md).
"""

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import _socket

import jail
import rehearsal
import zygote
from frames import Channel

if TYPE_CHECKING:
    import socket

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
    commands = _start_zygote(pid_namespace, proc, host)
    import serving  # only now: what the zygote has in its memory every candidate is forked with

    service = serving.Service(host, commands, isolation)
    if isolation == "namespaces":
        jail.build_root()
    rehearsal.warm_judge()
    gc.collect()
    gc.freeze()
    service.run()


def _take(descriptor: int, mode: int) -> int:
    """Move a standard descriptor out of the way, so that nothing prints into the host's frames or reads from them."""
    moved = os.dup(descriptor)
    null = os.open("/dev/null", mode)
    os.dup2(null, descriptor)
    os.close(null)
    return moved


def _open(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _start_zygote(pid_namespace: int | None, proc: int, host: Channel) -> "socket.socket":
    """Fork the process that candidates come from, now, while this one has not seen a test yet."""
    ours, its = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
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
    if ours.recv(len(zygote.READY)) != zygote.READY:
        raise SystemExit("runner: the zygote did not get ready")
    return ours


if __name__ == "__main__":
    main(sys.argv[1])
