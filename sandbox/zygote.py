"""The process that candidates are forked from: a warm interpreter that has never seen a test or another program.

It is forked from the supervisor before the first job is read, so that a candidate, which may search its whole memory,
finds nothing there. It obeys two commands over a sequenced-packet socket:

    {"user": 1007, "limits": {...}}  with the candidate's three descriptors (requests, replies, output)  ->  {"pid": 12}
    {"reap": 12}                                                    ->  {"status": wait status, "cpu_s": 0.4}

The candidate is a child of this process until it has been reaped, so its PID cannot pass to another one meanwhile.
"""

import gc
import json
import os
import socket
import sys
import traceback
from typing import Any

import candidate
import codec
import jail
import linux
import rehearsal
import seccomp

_CHANNEL = (3, 4)
_OWN_MODULES = (
    *("ahead", "candidate", "codec", "decoder", "frames", "jail", "judge", "judges", "linux", "meters", "oracles"),
    *("program", "rehearsal", "remote", "seccomp", "session", "supervisor", "trial", "verdicts", "zygote"),
)


class Zygote:
    """The loop of the forking process. `pid_namespace` is its own one, or None where candidates get no namespaces."""

    def __init__(self, commands: socket.socket, pid_namespace: int | None, proc: int) -> None:
        self._commands = commands
        self._pid_namespace = pid_namespace
        self._proc = proc
        self._filter = seccomp.candidate_filter()

    def run(self) -> None:
        """Obey until the supervisor is gone."""
        linux.drop_capability_bounds()
        _prefer_as_victim(self._proc)
        jail.limit_for_all()
        rehearsal.warm_agent()
        _forget()
        while os.open("/dev/null", os.O_RDONLY) <= max(_CHANNEL):
            continue  # so that the descriptors of a candidate arrive above the places where they go
        gc.freeze()
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._commands, 4096, 3)
            if not data:
                return
            command = json.loads(data)
            reply = self._reap(command["reap"]) if "reap" in command else self._fork(command, descriptors)
            self._commands.send(json.dumps(reply).encode())

    def _fork(self, command: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        try:
            if self._pid_namespace is not None:
                linux.setns(self._pid_namespace, linux.CLONE_NEWPID)
                linux.unshare(linux.CLONE_NEWPID)
            process = os.fork()
        except OSError as error:
            return {"error": f"cannot start a process: {error}"}
        if process == 0:
            self._become_candidate(command, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return {"pid": process}

    def _become_candidate(self, command: dict[str, Any], descriptors: list[int]) -> None:
        """Never returns."""
        try:
            _arrange(descriptors)
            jail.confine(command["user"], command["limits"], self._pid_namespace is not None, self._filter)
        except BaseException as error:  # the walls are not up: say so and run nothing
            os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
            os._exit(70)
        try:
            gc.enable()
            candidate.run(*_CHANNEL, codec.MAX_BYTES)
            os._exit(0)
        except BaseException:  # our own side of the conversation broke, which only the program can bring about
            traceback.print_exc()
            os._exit(1)

    def _reap(self, process: int) -> dict[str, Any]:
        _, status, usage = os.wait4(process, 0)
        return {"status": status, "cpu_s": usage.ru_utime + usage.ru_stime}


def _arrange(descriptors: list[int]) -> None:
    """Requests on 3, replies on 4, output on 1 and 2, an empty 0, and nothing else open."""
    requests, replies, output = descriptors
    if min(descriptors) <= max(_CHANNEL):
        raise OSError("descriptors in the way")
    for source, target in ((requests, _CHANNEL[0]), (replies, _CHANNEL[1]), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(_CHANNEL[1] + 1, 1 << 16)


def _forget() -> None:
    """Leave the programs an ordinary interpreter: no modules of ours, no main module, a plain environment."""
    for name in _OWN_MODULES:
        sys.modules.pop(name, None)
    sys.modules["__main__"] = type(sys)("__main__")
    sys.path[:] = [entry for entry in sys.path if os.path.isdir(entry)]
    sys.argv[:] = sys.orig_argv[:] = ["program.py"]
    os.environ.clear()
    os.environ.update(HOME="/tmp", PATH="/usr/local/bin:/usr/bin:/bin", LANG="C.UTF-8", TMPDIR="/tmp")


def _prefer_as_victim(proc: int) -> None:
    """Have the kernel kill candidates first when memory runs out; raising one's own score needs no rights.

    They inherit it from this process, which is smaller than any of them that matters.
    """
    descriptor = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=proc)
    os.write(descriptor, b"1000")
    os.close(descriptor)
