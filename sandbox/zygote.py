"""The process that candidates are forked from: a warm interpreter that has never seen a test or another program.

It is forked from the supervisor before the first job is read, so that a candidate, which may search its whole memory,
finds nothing there. It obeys two commands over a sequenced-packet socket:

    START  user, whether it runs commands (workshop.py), limits; with the candidate's three descriptors (requests,
           replies, output)                                   ->  STARTED  pid or -errno
    REAP                                                      ->  REAPED  wait status, CPU seconds

The candidate is a child of this process until it has been reaped, so its PID cannot pass to another one meanwhile.
A page that either side of a fork writes to is copied by the kernel, so what can be done before the fork is done there.
"""

import _socket
import gc
import os
import sys
from array import array
from struct import Struct
from typing import TYPE_CHECKING

import candidate
import codec
import jail
import linux
import rehearsal
import seccomp
import workshop
from frames import Channel

if TYPE_CHECKING:
    import socket

READY = b"ready"
START = Struct("<H?IIId")  # user, whether it is a workshop, then jail.Limits
STARTED = Struct("<i")
REAP = b"reap"
REAPED = Struct("<id")

_CHANNEL = (3, 4)
_DESCRIPTORS = 3
_ANCILLARY = _socket.CMSG_LEN(_DESCRIPTORS * array("i").itemsize)
_OWN_MODULES = (
    *("candidate", "codec", "decoder", "digests", "frames", "jail", "linux", "program", "rehearsal", "seccomp"),
    *("supervisor", "workshop", "zygote"),
)


class Zygote:
    """The loop of the forking process. `pid_namespace` is its own one, or None where candidates get no namespaces."""

    def __init__(self, commands: "socket.socket", pid_namespace: int | None, proc: int) -> None:
        self._commands = commands
        self._pid_namespace = pid_namespace
        self._proc = proc
        self._process = 0
        self._own: tuple[tuple[int, int], ...] = ()
        self._channel = Channel(*_CHANNEL, codec.MAX_BYTES)
        self._agent = candidate.Agent(self._channel)

    def run(self) -> None:
        """Obey until the supervisor is gone."""
        linux.drop_capability_bounds()
        _prefer_as_victim(self._proc)
        with open("self/maps", encoding="ascii", opener=self._of_proc) as maps:
            linux.fork_with_code(maps)
        jail.limit_for_all()
        rehearsal.warm_agent()
        linux.install_filter(seccomp.candidate_filter())
        _forget()
        while (free := os.open("/dev/null", os.O_RDWR)) <= max(_CHANNEL):
            continue  # so that the descriptors of a candidate arrive above the places where they go
        errors = os.dup(2)
        self._own = ((free, _CHANNEL[0]), (free, _CHANNEL[1]), (free, 1), (errors, 2))
        gc.collect()
        gc.freeze()
        self._commands.send(READY)
        while True:
            data, ancillary, _, _ = self._commands.recvmsg(START.size, _ANCILLARY)
            if not data:
                return
            self._commands.send(self._reap() if data == REAP else self._start(data, array("i", ancillary[0][2])))

    def _of_proc(self, path: str, flags: int) -> int:
        return os.open(path, flags, dir_fd=self._proc)

    def _start(self, command: bytes, descriptors: "array[int]") -> bytes:
        user, commands, *limits = START.unpack(command)
        walls = jail.Limits(*limits)
        requests, replies, output = descriptors
        _place((requests, _CHANNEL[0]), (replies, _CHANNEL[1]), (output, 1), (output, 2))
        try:
            process = self._fork()
        except OSError as error:
            process = -(error.errno or 1)
        if process == 0:
            self._become_candidate(user, commands, walls)
        _place(*self._own)
        for descriptor in descriptors:
            os.close(descriptor)
        self._process = process
        return STARTED.pack(process)

    def _fork(self) -> int:
        if self._pid_namespace is not None:
            linux.setns(self._pid_namespace, linux.CLONE_NEWPID)
            linux.unshare(linux.CLONE_NEWPID)
        return os.fork()

    def _become_candidate(self, user: int, commands: bool, walls: jail.Limits) -> None:
        """Never returns."""
        try:
            os.closerange(_CHANNEL[1] + 1, 1 << 16)
            jail.confine(user, walls, self._pid_namespace is not None)
        except BaseException as error:  # the walls are not up: say so and run nothing
            os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
            os._exit(70)
        try:
            gc.enable()
            workshop.serve(self._channel) if commands else self._agent.serve()
            os._exit(0)
        except BaseException:  # our own side of the conversation broke, which only the program can bring about
            sys.excepthook(*sys.exc_info())
            os._exit(1)

    def _reap(self) -> bytes:
        _, status, usage = os.wait4(self._process, 0)
        return REAPED.pack(status, usage.ru_utime + usage.ru_stime)


def _place(*moves: tuple[int, int]) -> None:
    """Have each first descriptor under the number of the second as well, for a child to inherit."""
    for source, target in moves:
        os.dup2(source, target)


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
