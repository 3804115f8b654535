"""The verdict as a function of what was observed."""

import signal
from types import SimpleNamespace
from typing import Any

import pytest

LIMITS = {"cpu_s": 2.0, "wall_s": 9.0, "call_cpu_s": 0.5, "memory_mb": 64, "output_mb": 1}
QUIET = {"cut": "", "report": ("passed", ""), "status": signal.SIGKILL, "killed": False, "cpu_s": 0.1, "oom_kills": 0}


def decided(inside: SimpleNamespace, **seen: Any) -> tuple[str, str]:
    """The verdict where all but `seen` was ordinary."""
    observed = inside.verdicts.Observed(**{**QUIET, "overflowed": False, "tail": "", **seen})
    return tuple(inside.verdicts.decide(observed, LIMITS))


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ({}, "passed"),
        ({"report": ("failed", "x")}, "failed"),
        ({"report": ("odd error", "x")}, "error"),
        ({"cpu_s": 2.1}, "timeout"),
        ({"cut": "cpu", "report": None}, "timeout"),
        ({"cut": "wall", "report": None}, "timeout"),
        ({"cut": "judge", "report": None}, "timeout"),
        ({"cut": "call", "report": None}, "timeout"),
        ({"cut": "call wall", "report": None}, "timeout"),
        ({"cut": "output", "report": None, "overflowed": True}, "output_limit"),
        ({"overflowed": True}, "output_limit"),
        ({"report": ("gone", ""), "oom_kills": 1}, "out_of_memory"),
        ({"report": ("gone", ""), "killed": True, "oom_kills": 1}, "out_of_memory"),
        ({"report": ("gone", ""), "killed": True, "oom_kills": None}, "out_of_memory"),
        ({"report": None, "oom_kills": 1}, "out_of_memory"),
        ({"report": ("gone", ""), "killed": True, "cpu_s": 2.5}, "timeout"),
        ({"report": ("gone", ""), "status": 3 << 8}, "error"),
        ({"oom_kills": 1}, "passed"),
    ],
)
def test_the_most_certain_cause_decides(inside: SimpleNamespace, seen: dict[str, Any], verdict: str) -> None:
    """A pass that used too much is a timeout; a kill for memory is not an ordinary error."""
    assert decided(inside, **seen)[0] == verdict


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ("cpu", "It used 2.1 s of CPU time; the limit is 2 s."),
        ("wall", "It took longer than 9 s of wall time."),
        ("call", "A single call used 0.5 s of CPU time, which is its limit."),
        ("call wall", "A single call took longer than its share of 9 s of wall time."),
    ],
)
def test_a_timeout_names_its_limit(inside: SimpleNamespace, cut: str, words: str) -> None:
    """A user sees whether one call or all of them together took too long, and by which clock."""
    assert decided(inside, cut=cut, report=None, cpu_s=2.1 if cut == "cpu" else 0.1) == ("timeout", words)


def test_death_is_described(inside: SimpleNamespace) -> None:
    """The detail says how the process ended, and in which call."""
    gone = ("gone", "It ended\nin f(1)")
    assert decided(inside, report=gone, status=3 << 8)[1] == "It ended: it left with status 3.\nin f(1)"
    assert "SIGSEGV" in decided(inside, report=gone, status=int(signal.SIGSEGV))[1]


@pytest.mark.parametrize(
    "seen", [{"report": None}, {"report": ("fault check_broken", "x")}, {"report": ("gone", ""), "killed": True}]
)
def test_what_nobody_on_trial_did_is_a_fault(inside: SimpleNamespace, seen: dict[str, Any]) -> None:
    """False verdict prevented: a judge that was killed from outside, or a check that does not run."""
    with pytest.raises(inside.verdicts.FaultError):
        decided(inside, **seen)
