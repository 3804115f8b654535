"""The judge's process: forked by the supervisor, it tries sample after sample and is replaced at the first oddity.

Trusted code only, under a user of its own. It may be killed at any moment; a judge that saw a malformed answer, a
timeout or a fault, or has tried many samples, is not asked again, so that nothing builds up in it.
"""

import json
import os
import resource
import signal
import socket
from contextlib import ExitStack, closing
from typing import Any

import codec
import judge
import meters
import programs
from frames import Channel, ClosedError
from progress import Progress
from replies import Replies

USER = 1
_MAX_JOB = 64 << 20
_MAX_SAMPLES = 1000
_SPARE_MEMORY = 512 << 20
_ORDINARY = ("passed", "failed", "error", "compile_error")


class JudgeProcess:
    """The supervisor's handle on the judge at work; starts a new one when needed."""

    def __init__(self) -> None:
        self._process = 0
        self._samples = 0
        self._socket: socket.socket | None = None
        self._base_cpu_s = 0.0
        self.progress = Progress()  # known also where the judge never reports

    @property
    def descriptor(self) -> int:
        """Readable when the judge has reported or died."""
        assert self._socket is not None
        return self._socket.fileno()

    def open(self, job: bytes, reader: int, writer: int) -> None:
        """Hand a job to the judge, with its two ends of the conversation."""
        try:
            self._hand_over(job, reader, writer)
        except (OSError, ClosedError):  # it died while it had nothing to do
            self.dismiss()
            self._hand_over(job, reader, writer)

    def _hand_over(self, job: bytes, reader: int, writer: int) -> None:
        if self._socket is None:
            self._start()
        assert self._socket is not None
        self._samples += 1
        self.progress.clear()
        self._base_cpu_s = meters.process_cpu_s(self._process)
        socket.send_fds(self._socket, [b"j"], [reader, writer])
        Channel(self.descriptor, self.descriptor, _MAX_JOB).send(job)

    def cpu_s(self) -> float:
        """What the judge has used for the sample at hand."""
        return meters.process_cpu_s(self._process) - self._base_cpu_s

    def report(self) -> tuple[str, str] | None:
        """The verdict and its detail; None when the judge died without one."""
        try:
            verdict, detail = json.loads(Channel(self.descriptor, self.descriptor, _MAX_JOB).receive())
        except ClosedError:
            self.dismiss()
            return None
        if verdict not in _ORDINARY or self._samples >= _MAX_SAMPLES:
            self.dismiss()
        return verdict, detail

    def dismiss(self) -> int:
        """End the judge; the next sample gets a new one. Returns the exit status, negative for a signal."""
        if self._socket is None:
            return 0
        self._socket.close()
        self._socket = None
        kill_as(USER, self._process)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def _start(self) -> None:
        ours, its = socket.socketpair()
        self._samples = 0
        self._process = os.fork()
        if self._process == 0:
            try:
                _settle(its)
                _sit(its, self.progress)
            finally:
                os._exit(0)
        its.close()
        self._socket = ours


def kill_as(user: int, target: int) -> None:
    """Kill a process, or with -1 every process, of another user: needs no right but to become that user."""
    helper = os.fork()
    if helper == 0:
        try:
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            os.kill(target, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def _settle(own: socket.socket) -> None:
    """A user of its own and no descriptor but its socket."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, own.fileno())
    os.closerange(own.fileno() + 1, 1 << 16)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def _sit(own: socket.socket, progress: Progress) -> None:
    """Try samples until the supervisor hangs up; write down in `progress` how far the one at hand has come."""
    channel = Channel(own.fileno(), own.fileno(), _MAX_JOB)
    ends = ExitStack()
    while True:
        token, descriptors, _, _ = socket.recv_fds(own, 1, 2)
        if not token:
            return
        ends.close()  # not before: the program that they lead to would have run on, only to end by itself
        reader, writer = descriptors
        replies = ends.enter_context(closing(Replies(reader)))
        ends.callback(os.close, writer)
        job = json.loads(channel.receive())
        _limit_memory(job["limits"])
        channel_to_program = Channel(reader, writer, codec.MAX_BYTES, replies.read)
        report = _judged(job, channel_to_program, progress)
        channel.send(json.dumps(report).encode())


def _judged(job: dict[str, Any], channel: Channel, progress: Progress) -> tuple[str, str]:
    if job["check"]["kind"] == "python":
        return judge.judge(job["check"], job["program"], channel, progress)
    return programs.judge(job["check"], job["program"], channel, job["limits"]["cpu_s"])


def _limit_memory(limits: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, ((limits["memory_mb"] << 20) + _SPARE_MEMORY, resource.RLIM_INFINITY))
