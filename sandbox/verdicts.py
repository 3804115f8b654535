"""Whose doing it was: the verdict as a pure function of what was observed of one job."""

import os
import signal
from typing import Any, NamedTuple

_DETAIL = 2000
_TIMEOUTS = {
    "wall": "It took longer than {wall_s:g} s of wall time.",
    "call": "A single call used {call_cpu_s:g} s of CPU time, which is its limit.",
    "call wall": "A single call took longer than its share of {wall_s:g} s of wall time.",
    "judge": "Its results cost the judge more CPU time than a sample may use.",
}


class FaultError(Exception):
    """The sandbox or the check failed: there is no verdict. `reason` is a short stable word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Observed(NamedTuple):
    """What one job showed.

    `cut` names the limit that ended it ("cpu", "output", or one of `_TIMEOUTS`) or is empty; `report` is the judge's
    word and its detail, None if it gave none; `status` is the candidate's wait status; `killed` says that SIGKILL ended
    it before we did, where it cannot send that to itself; `cpu_s` is its CPU time with its children's; `oom_kills`
    counts what the kernel killed meanwhile for want of memory, None where that cannot be known.
    """

    cut: str
    report: tuple[str, str] | None
    status: int
    killed: bool
    cpu_s: float
    oom_kills: int | None
    overflowed: bool
    tail: str


def decide(seen: Observed, limits: dict[str, Any]) -> tuple[str, str]:
    """The verdict and its detail, the most certain cause first. FaultError: nobody on trial is to blame."""
    if excess := _excess(seen, limits):
        return excess
    if seen.report is None and seen.oom_kills:
        return "out_of_memory", "Its results cost the judge more memory than a sample may use."
    if seen.report is None:
        raise FaultError("judge_died", "the judge ended before it reached a verdict")
    word, detail = seen.report
    if word.startswith("fault "):
        raise FaultError(word.removeprefix("fault "), f"{detail}\n{seen.tail}".strip())
    if seen.killed and seen.oom_kills == 0:
        raise FaultError("candidate_killed", "the candidate was killed from outside")
    if (word in ("gone", "error") and seen.oom_kills) or seen.killed:
        return "out_of_memory", f"It was killed for want of memory (limit {limits['memory_mb']} MiB)."
    if word == "gone":
        first, _, call = detail.partition("\n")
        return "error", f"{first}: it {_ending(seen.status)}.\n{call}".strip()[:_DETAIL]
    return word.removeprefix("odd "), detail[:_DETAIL]


def _excess(seen: Observed, limits: dict[str, Any]) -> tuple[str, str] | None:
    if seen.overflowed:
        return "output_limit", f"It printed more than {limits['output_mb']} MiB."
    if seen.cut in _TIMEOUTS:
        return "timeout", _TIMEOUTS[seen.cut].format_map(limits)
    if seen.cut == "cpu" or seen.cpu_s >= limits["cpu_s"]:
        return "timeout", f"It used {seen.cpu_s:.1f} s of CPU time; the limit is {limits['cpu_s']:g} s."
    return None


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return "stopped answering"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"left with status {code}"
