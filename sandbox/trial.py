"""One job from start to verdict: a judge, a candidate, and the clock, memory and output that the supervisor watches."""

import json
import os
import resource
import select
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import codec
import judge
import meters
from frames import Channel

JUDGE_USER = 1
_TAIL = 8192
_LONGEST_WAIT = 0.25
_STALL = 1.0
_MOMENT = 0.3
_JUDGE_SPARE_CPU = 5
_CPUS = os.cpu_count() or 1


class Fault(Exception):
    """The sandbox failed: there is no verdict. `reason` is a short stable word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass
class Output:
    """The candidate's output: counted whole, kept as a tail."""

    reader: int
    limit: int
    size: int = 0
    tail: bytes = b""

    def drain(self) -> bool:
        """Take what is there; False when the stream has ended."""
        try:
            chunk = os.read(self.reader, 1 << 16)
        except BlockingIOError:
            return True
        self.size += len(chunk)
        self.tail = (self.tail + chunk)[-_TAIL:]
        return bool(chunk)

    @property
    def overflowed(self) -> bool:
        return self.size > self.limit


@dataclass
class Clock:
    """Wall time that leaves out the spells in which this whole container stood still, and CPU time of the candidate."""

    candidate: int
    judge: int
    container: meters.Meters
    started: float = field(default_factory=time.monotonic)
    stalled: float = 0.0

    def __post_init__(self) -> None:
        self._base = self._container_cpu()

    def wall_s(self) -> float:
        return time.monotonic() - self.started - self.stalled

    def cpu_s(self) -> float:
        """The candidate's own clock, or the whole container's less judge and supervisor: children count too."""
        own = meters.process_cpu_s(self.candidate)
        container = self._container_cpu()
        if container is None or self._base is None:
            return own
        return max(own, container - self._base - meters.process_cpu_s(self.judge))

    def _container_cpu(self) -> float | None:
        used = self.container.cpu_s()
        return None if used is None else used - time.process_time()


class Trial:
    """Runs jobs one after the other. `zygote` is the supervisor's end of the zygote's command socket."""

    def __init__(self, zygote: socket.socket, isolation: str, container: meters.Meters) -> None:
        self._zygote = zygote
        self._isolation = isolation
        self._meters = container
        self._count = 0

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """The outcome of one job. Fault: there is none."""
        self._count += 1
        user = 1000 + self._count % 30_000
        kills = self._meters.oom_kills()
        requests, replies, printed, verdicts = (os.pipe() for _ in range(4))
        ask = {"user": user, "limits": job["limits"]}
        socket.send_fds(self._zygote, [json.dumps(ask).encode()], [requests[0], replies[1], printed[1]])
        judging = self._fork_judge(job, (replies[0], requests[1], verdicts[1]), (verdicts[0], printed[0]))
        for descriptor in (*requests, *replies, printed[1], verdicts[1]):
            os.close(descriptor)
        try:
            candidate = self._forked()
        except Fault:
            _stop_judge(judging)
            os.close(printed[0])
            os.close(verdicts[0])
            raise
        output = Output(printed[0], job["limits"]["output_mb"] << 20)
        clock = Clock(candidate, judging, self._meters)
        cut, report = self._watch(job["limits"], clock, output, verdicts[0])
        if report.startswith(b'["gone"'):
            _await_end(candidate)
        self._kill(candidate, user)
        wall = clock.wall_s()
        ended = self._command({"reap": candidate})
        judged = _stop_judge(judging) if cut else os.waitstatus_to_exitcode(os.waitpid(judging, 0)[1])
        _drain_rest(output)
        os.close(printed[0])
        os.close(verdicts[0])
        return self._outcome(
            job, cut, report, judged, ended, self._meters.oom_kills() - kills, output, clock, wall
        )

    # --- processes ----------------------------------------------------------------------------------------------------

    def _fork_judge(self, job: dict[str, Any], own: tuple[int, int, int], foreign: tuple[int, ...]) -> int:
        process = os.fork()
        if process:
            return process
        try:
            reader, writer, verdicts = own
            _become_judge(job["limits"], own)
            verdict, detail = judge.judge(job["check"], job["program"], Channel(reader, writer, codec.MAX_BYTES))
            os.write(verdicts, json.dumps([verdict, detail]).encode())
        finally:
            os._exit(0)

    def _forked(self) -> int:
        reply = self._answer()
        if "pid" not in reply:
            raise Fault("fork_failed", str(reply.get("error")))
        return int(reply["pid"])

    def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        self._zygote.send(json.dumps(command).encode())
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        data = self._zygote.recv(4096)
        if not data:
            raise SystemExit("the zygote is gone")
        return json.loads(data)

    def _kill(self, candidate: int, user: int) -> None:
        """Kill every process of the candidate. The first of a PID namespace takes all others with it."""
        if self._isolation == "namespaces":
            os.kill(candidate, signal.SIGKILL)
            return
        helper = os.fork()
        if helper == 0:
            try:
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(helper, 0)

    # --- watching -----------------------------------------------------------------------------------------------------

    def _watch(self, limits: dict[str, Any], clock: Clock, output: Output, verdicts: int) -> tuple[str, bytes]:
        """Wait for the judge's report or the first limit to be passed: (that limit or "", the report)."""
        os.set_blocking(output.reader, False)
        poll = select.poll()
        poll.register(verdicts, select.POLLIN)
        poll.register(output.reader, select.POLLIN)
        while True:
            wait = self._patience(limits, clock)
            before = time.monotonic()
            ready = dict(poll.poll(wait * 1000))
            clock.stalled += _stall(time.monotonic() - before - wait)
            if output.reader in ready and not output.drain():
                poll.unregister(output.reader)
            if output.overflowed:
                return "output_limit", b""
            if verdicts in ready:
                return "", os.read(verdicts, 1 << 16)
            if clock.cpu_s() >= limits["cpu_s"]:
                return "timeout", b""
            if clock.wall_s() >= limits["wall_s"]:
                return "wall", b""

    def _patience(self, limits: dict[str, Any], clock: Clock) -> float:
        """How long nothing can have passed a limit; never so long that a stall of the machine would go unseen."""
        cpu = (limits["cpu_s"] - clock.cpu_s()) / _CPUS
        wall = limits["wall_s"] - clock.wall_s()
        return min(max(0.005, min(cpu, wall)), _LONGEST_WAIT)

    # --- the verdict --------------------------------------------------------------------------------------------------

    def _outcome(
        self,
        job: dict[str, Any],
        cut: str,
        report: bytes,
        judged: int,
        ended: dict[str, Any],
        oom_kills: int,
        output: Output,
        clock: Clock,
        wall: float,
    ) -> dict[str, Any]:
        limits = job["limits"]
        cpu = float(ended["cpu_s"])
        status = os.waitstatus_to_exitcode(ended["status"])
        verdict, detail = _verdict(limits, cut, report, judged, status, oom_kills, output, cpu)
        return {
            "verdict": verdict,
            "mode": "handles" if job["check"]["classes"] else "split",
            "detail": detail[:2000],
            "output": _text(output.tail),
            "cpu_s": round(cpu, 4),
            "wall_s": round(wall, 4),
        }


def _verdict(
    limits: dict[str, Any], cut: str, report: bytes, judged: int, status: int, oom_kills: int, output: Output, cpu: float
) -> tuple[str, str]:
    """Whose fault it was, in order of certainty. Fault: nobody's."""
    over = f"used {cpu:.1f} s of CPU time; the limit is {limits['cpu_s']:g} s"
    if output.overflowed:
        return "output_limit", f"printed more than {limits['output_mb']} MiB"
    if cut == "wall":
        return "timeout", f"took longer than {limits['wall_s']:g} s of wall time"
    if cut or cpu >= limits["cpu_s"]:
        return "timeout", over
    if not report and judged == -signal.SIGXCPU:
        return "timeout", "its results cost the judge more CPU time than a sample may use"
    if not report:
        raise Fault("judge_died", f"the judge ended with {judged} before it reached a verdict")
    verdict, detail = json.loads(report)
    if verdict.startswith("fault "):
        raise Fault(verdict.removeprefix("fault "), f"{detail}\n{_text(output.tail[-500:])}".strip())
    if verdict in ("gone", "error") and oom_kills:
        return "out_of_memory", f"killed for want of memory (limit {limits['memory_mb']} MiB)"
    if verdict == "gone":
        return "error", f"{detail}: it {_ending(status)}."
    return verdict, detail


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _await_end(process: int) -> None:
    """A process that hung up is about to end by itself, or has only closed its channel: give it a moment to show."""
    descriptor = os.pidfd_open(process)
    try:
        select.select([descriptor], [], [], _MOMENT)
    finally:
        os.close(descriptor)


def _ending(status: int) -> str:
    if status == -signal.SIGKILL:
        return "stopped answering"
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"left with status {status}"


def _stall(late: float) -> float:
    """Lateness of a wake-up that no busy machine explains: the container was paused or starved."""
    return late if late > _STALL else 0.0


def _become_judge(limits: dict[str, Any], own: tuple[int, int, int]) -> None:
    """A user of its own, its own limits, and no descriptor but the conversation's."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    start = 3
    for descriptor in sorted(own):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, 1 << 16)
    cpu = int(limits["cpu_s"]) + _JUDGE_SPARE_CPU
    memory = (limits["memory_mb"] + 512) << 20
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.setgroups([])
    os.setresgid(JUDGE_USER, JUDGE_USER, JUDGE_USER)
    os.setresuid(JUDGE_USER, JUDGE_USER, JUDGE_USER)


def _stop_judge(process: int) -> int:
    """End a judge whose sample is decided without it."""
    helper = os.fork()
    if helper == 0:
        try:
            os.setresuid(JUDGE_USER, JUDGE_USER, JUDGE_USER)
            os.kill(process, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _drain_rest(output: Output) -> None:
    """What was still in the pipe when the last writer died."""
    while True:
        before = output.size
        if not output.drain() or output.size == before:
            return
