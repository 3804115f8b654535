"""One job from start to verdict: the candidate, the judge, and the clock, memory and output watched meanwhile."""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from struct import Struct
from typing import Any

import jail
import meters
import zygote
from clocks import CallClock, Clock
from judges import JudgeProcess, kill_as
from programs import MEASURES
from replies import open_replies
from verdicts import FaultError, Observed, decide

_TAIL = 8192
_LONGEST_WAIT = 0.1
_SHORTEST_WAIT = 0.005
_STALL = 1.0
_MOMENT = 0.3
_JUDGE_SPARE_CPU = 5.0
_ORACLES = 1000
_CPUS = os.cpu_count() or 1


class Output:
    """The candidate's output: counted whole, kept as a tail."""

    def __init__(self, reader: int, limit: int) -> None:
        os.set_blocking(reader, False)
        self.reader = reader
        self._limit = limit
        self._size = 0
        self._tail = b""

    def drain(self) -> bool:
        """Take what is there; False when there was nothing and nothing more can come now."""
        try:
            chunk = os.read(self.reader, 1 << 16)
        except BlockingIOError:
            return False
        self._size += len(chunk)
        self._tail = (self._tail + chunk)[-_TAIL:]
        return bool(chunk)

    @property
    def overflowed(self) -> bool:
        """More came than the limit allows."""
        return self._size > self._limit

    def text(self, length: int = _TAIL) -> str:
        """The tail, at most `length` bytes of it."""
        return self._tail[-length:].decode("utf-8", "replace")


class Trial:
    """Runs jobs one after the other.

    `commands` is the supervisor's end of the zygote's socket; `takes_long` is called while a job does.
    """

    def __init__(
        self, commands: socket.socket, isolation: str, container: meters.Meters, takes_long: Callable[[], None]
    ) -> None:
        self._zygote = commands
        self._takes_long = takes_long
        self._isolation = isolation
        self._container = container
        self._judge = JudgeProcess()
        self._scratch = jail.Scratch()
        self._count = 0
        self._oracles: dict[str, str] = {}

    def run(self, job: dict[str, Any], raw: bytes) -> dict[str, Any]:
        """The outcome of `job`, whose bytes are `raw`. FaultError: there is none."""
        check = job["check"]
        if check["kind"] == "python":
            mode = "handles" if check["classes"] else "split"
            return self._try(job, raw, job["limits"], mode)[0]
        if check["kind"] == "program" and not check["unsplit"]:
            job = {**job, "check": {**check, "expected": self._expected(job)}}
            raw = json.dumps(job).encode()
        limits = {**job["limits"], "cpu_s": job["limits"]["cpu_s"] + check["build_cpu_s"]}
        outcome, _ = self._try(job, raw, limits, "unsplit" if check["unsplit"] else "split")
        return _measured(outcome) if check["kind"] == "tests" else outcome

    def _expected(self, job: dict[str, Any]) -> str:
        """The lines that a right program writes: from the trusted oracle program, which runs alone, and once."""
        check = job["check"]
        key = json.dumps([check["oracle"], check["steps"]])
        if key not in self._oracles:
            trusted = {"kind": "oracle", "files": check["oracle"], "program": "", "steps": check["steps"]}
            limits = {**job["limits"], "cpu_s": job["limits"]["cpu_s"] + check["build_cpu_s"]}
            order = {**job, "check": trusted}
            outcome, text = self._try(order, json.dumps(order).encode(), limits, "split")
            if outcome["verdict"] != "passed":
                said = f"{outcome['verdict']}: {outcome['detail']}\n{outcome['output'][-1000:]}"
                raise FaultError("check_broken", f"the oracle program does not run: {said}")
            if len(self._oracles) >= _ORACLES:
                self._oracles.clear()
            self._oracles[key] = text
        return self._oracles[key]

    def _try(self, job: dict[str, Any], raw: bytes, limits: dict[str, Any], mode: str) -> tuple[dict[str, Any], str]:
        """One candidate from start to end: the outcome, and the whole of what the judge said."""
        self._count += 1
        user = 1000 + self._count % 30_000
        kills = self._container.oom_kills()
        commands = job["check"]["kind"] != "python"
        self._open_scratch(limits["file_mb"], commands)
        requests, replies, printed = os.pipe(), open_replies(), os.pipe()
        walls = jail.Limits(0 if commands else limits["memory_mb"], *(limits[name] for name in jail.Limits._fields[1:]))
        start = zygote.START.pack(user, commands, *walls)
        socket.send_fds(self._zygote, [start], [requests[0], replies[1], printed[1]])
        self._judge.open(raw, replies[0], requests[1])
        for descriptor in (*requests, *replies, printed[1]):
            os.close(descriptor)
        try:
            candidate = self._forked()
            output = Output(printed[0], limits["output_mb"] << 20)
            clock = Clock(candidate, self._judge, self._container)
            cut, report = self._watch(limits, clock, output)
            wall, alive = clock.wall_s(), not (report and report[0] == "gone" and _ends(candidate, _MOMENT))
            used = clock.cpu_s() if cut == "cpu" else 0.0  # its children's too, which are never reaped
            status, cpu_s = self._end(candidate, user)
            cpu_s = max(cpu_s, used)
            while output.drain():
                continue  # what was still in the pipe when the last writer died
        finally:
            os.close(printed[0])
        if kills is not None:
            kills = (self._container.oom_kills() or kills) - kills
        killed = not alive and self._isolation == "namespaces" and status == signal.SIGKILL
        tail = output.text(500)
        seen = Observed(cut, report, status, killed, cpu_s, kills, output.overflowed, tail)
        verdict, detail = decide(seen, limits)
        names, passed = job["check"].get("stages", []), self._judge.progress.stages
        outcome = {
            "verdict": verdict,
            "mode": mode,
            "stages": names[:passed],
            "detail": detail,
            "output": output.text(),
            "cpu_s": round(cpu_s, 4),
            "wall_s": round(wall, 4),
            "by_wall": cut in ("wall", "call wall"),
        }
        return outcome, report[1] if report else ""

    # --- the candidate ------------------------------------------------------------------------------------------------

    def _forked(self) -> int:
        [process] = self._answer(zygote.STARTED)
        if process < 0:
            self._judge.dismiss()
            self._close_scratch()
            raise FaultError("fork_failed", f"cannot start a process: {os.strerror(-process)}")
        return int(process)

    def _end(self, candidate: int, user: int) -> tuple[int, float]:
        """Have every process of the candidate dead and gone: its wait status and CPU time."""
        if self._isolation == "namespaces":
            os.kill(candidate, signal.SIGKILL)  # the first of a PID namespace takes all others with it
        else:
            kill_as(user, -1)
        self._zygote.send(zygote.REAP)
        status, cpu_s = self._answer(zygote.REAPED)
        self._close_scratch()
        return status, cpu_s

    def _open_scratch(self, size_mb: int, programs: bool) -> None:
        if self._isolation == "namespaces":
            try:
                self._scratch.open(size_mb, programs)
            except OSError as error:
                raise FaultError("fork_failed", f"cannot have a scratch disk: {error}") from None

    def _close_scratch(self) -> None:
        if self._isolation == "namespaces":
            self._scratch.close()

    def _answer(self, form: Struct) -> tuple[Any, ...]:
        data = self._zygote.recv(form.size)
        if not data:
            raise SystemExit("runner: the zygote is gone")
        return form.unpack(data)

    # --- watching -----------------------------------------------------------------------------------------------------

    def _watch(self, limits: dict[str, Any], clock: Clock, output: Output) -> tuple[str, tuple[str, str] | None]:
        """Wait for the judge's report or the first limit to be passed: (that limit or "", the report or None)."""
        call = CallClock(clock, self._judge)
        poll = select.poll()
        poll.register(self._judge.descriptor, select.POLLIN)
        poll.register(output.reader, select.POLLIN)
        while True:
            wait = self._patience(limits, clock)
            before = time.monotonic()
            ready = dict(poll.poll(wait * 1000))
            clock.stalled += _stall(time.monotonic() - before - wait)
            if output.reader in ready and not output.drain():
                poll.unregister(output.reader)
            if self._judge.descriptor in ready:
                return "", self._judge.report()
            if passed := self._passed(limits, clock, call, output):
                self._judge.dismiss()
                return passed, None
            if clock.wall_s() >= _LONGEST_WAIT:
                self._takes_long()

    def _patience(self, limits: dict[str, Any], clock: Clock) -> float:
        """How long nothing can have passed a limit; never so long that a stall of the machine would go unseen."""
        cpu = float(limits["cpu_s"] - clock.cpu_s()) / _CPUS
        wall = float(limits["wall_s"] - clock.wall_s())
        return min(max(_SHORTEST_WAIT, min(cpu, wall)), _LONGEST_WAIT)

    def _passed(self, limits: dict[str, Any], clock: Clock, call: CallClock, output: Output) -> str:
        """The limit that has been passed, or ""."""
        if output.overflowed:
            return "output"
        if clock.cpu_s() >= limits["cpu_s"]:
            return "cpu"
        if self._judge.cpu_s() >= limits["cpu_s"] + _JUDGE_SPARE_CPU:
            return "judge"
        if clock.wall_s() >= limits["wall_s"]:
            return "wall"
        return _passed_by(call, limits) if limits.get("call_cpu_s") else ""


def _passed_by(call: CallClock, limits: dict[str, Any]) -> str:
    """The limit of a single call that it has passed, or "". Of wall time it has the share that it has of CPU time."""
    cpu_s, wall_s = call.used()
    if cpu_s >= limits["call_cpu_s"]:
        return "call"
    return "call wall" if wall_s >= limits["wall_s"] * limits["call_cpu_s"] / limits["cpu_s"] else ""


def _measured(outcome: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a file of tests, with what was counted taken out of the detail; all 0 where they did not run."""
    measures = dict.fromkeys(("executed", *MEASURES), 0)
    if outcome["verdict"] in ("passed", "failed"):
        counted, _, detail = outcome["detail"].partition("\n")
        outcome, measures = {**outcome, "detail": detail}, json.loads(counted)
    return {**outcome, "measures": measures}


def _ends(process: int, moment: float) -> bool:
    """Whether a process has ended, or does so within `moment` seconds; who hung up may only have closed its channel."""
    try:
        descriptor = os.pidfd_open(process)
    except OSError:
        return _ends_by_proc(process, moment)
    try:
        return bool(select.select([descriptor], [], [], moment)[0])
    finally:
        os.close(descriptor)


def _ends_by_proc(process: int, moment: float) -> bool:
    """The same where the kernel has no pidfd_open (gVisor): asked of /proc, which only isolation "user" leaves here."""
    until = time.monotonic() + moment
    while True:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(_SHORTEST_WAIT)


def _stall(late: float) -> float:
    """Lateness of a wake-up that no busy machine explains: the container was paused or starved."""
    return late if late > _STALL else 0.0
