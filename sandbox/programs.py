"""The judge of programs in other languages: has them built and run, and compares what came out with what must.

Nothing that the program says decides by itself. It writes its results, and the expected ones are not in its container
while it runs: they come from the trusted oracle program, tried alone before (trial.py). So it can pass only by being
right. Exit status and a complete set of results are needed besides, and never enough.
"""

import json
import os
import signal
from typing import Any, NamedTuple

import loose
from frames import Channel, ClosedError, TooLargeError
from judge import BrokenError, greet

RESULTS = "results.out"
TOKEN = "__TOKEN__"
MEASURES = ("tests", "tests_passed", "statements", "covered")
_SHOWN = 300


class Report(NamedTuple):
    """What the workshop says of a program: all of it may be a lie."""

    step: int
    status: int
    cpu_s: float
    results: bytes


def judge(check: dict[str, Any], program: str, channel: Channel, cpu_s: float) -> tuple[str, str]:
    """Try one program: the verdict and its detail, as judge.judge says. Kind "oracle": its results are the detail."""
    try:
        return _judged(check, program, channel, cpu_s)
    except ClosedError:
        return "gone", "The program's process ended before it was done"
    except TooLargeError as error:
        return "odd error", f"The program sent {error}."
    except BrokenError as error:
        return f"fault {error.reason}", str(error)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return "odd error", f"The program's report is malformed ({type(error).__name__})."


def _judged(check: dict[str, Any], program: str, channel: Channel, cpu_s: float) -> tuple[str, str]:
    greet(channel)
    token = os.urandom(16).hex()
    report = _tried(check, program, token, channel, cpu_s)
    if check["kind"] == "tests":
        return _tested(check, report, token, cpu_s)
    if refused := _refused(check, report, cpu_s):
        return refused
    text = report.results.decode("utf-8", "replace")
    return ("passed", text) if check["kind"] == "oracle" else _compared(check, text, token)


def _tried(check: dict[str, Any], program: str, token: str, channel: Channel, cpu_s: float) -> Report:
    files = {name: text.replace(TOKEN, token) for name, text in check["files"].items()}
    if check["program"]:
        files[check["program"]] = program + files.get(check["program"], "")
    secret = token if check["kind"] == "tests" else ""
    order = {"files": files, "steps": check["steps"], "results": RESULTS, "cpu_s": cpu_s, "token": secret}
    channel.send(json.dumps(order).encode())
    said = json.loads(channel.receive())
    return Report(int(said["step"]), int(said["status"]), float(said["cpu_s"]), channel.receive())


def _tested(check: dict[str, Any], report: Report, token: str, cpu_s: float) -> tuple[str, str]:
    """The verdict on a file of tests; where they ran to their end, the detail begins with what was counted.

    Only a line with the token counts, which the runner of the tests writes when the last one is over; what status the
    process leaves with afterwards does not matter.
    """
    lines = [line.split() for line in report.results.decode("utf-8", "replace").split("\n")]
    numbers = next((words[1:] for words in lines if words[:1] == [token]), [])
    if len(numbers) != len(MEASURES):
        return _refused(check, report, cpu_s) or ("error", "The tests did not run to their end.")
    counted = dict(zip(MEASURES, map(int, numbers), strict=True))
    failed = counted["tests"] - counted["tests_passed"]
    verdict = "passed" if counted["tests"] and not failed else "failed"
    detail = (
        ""
        if verdict == "passed"
        else f"{failed} of {counted['tests']} tests failed."
        if failed
        else "There is no test."
    )
    return verdict, f"{json.dumps({'executed': 1, **counted})}\n{detail}"


def _refused(check: dict[str, Any], report: Report, cpu_s: float) -> tuple[str, str] | None:
    """The verdict where a step did not end well."""
    if not report.status:
        return None
    how = _ending(report.status)
    if report.step < len(check["steps"]) - 1 or report.status == check.get("compile_status", 0) << 8:
        return "compile_error", f"{check['steps'][report.step]['command'][0]} {how}."
    if report.cpu_s >= cpu_s:
        return "timeout", f"It used {report.cpu_s:.1f} s of CPU time; the limit is {cpu_s:g} s."
    done = report.results.count(b"\n")
    calls = check.get("calls", ())
    where = f"\nin {calls[done]}" if done < len(calls) else ""
    return "error", f"The program {how}.{where}"


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"left with status {code}"


def _compared(check: dict[str, Any], text: str, token: str) -> tuple[str, str]:
    found = text.split("\n")[:-1]
    expected = [token] * len(check["calls"]) if check["unsplit"] else check["expected"].split("\n")[:-1]
    equal = loose.equal if check["compare"] == "loose" else _same
    for call, right, got in zip(check["calls"], expected, found, strict=False):
        if not equal(got, right):
            shown = "" if check["unsplit"] else f"\nexpected {right[:_SHOWN]}\ngot {got[:_SHOWN]}"
            return "failed", f"{call[:_SHOWN]}{shown}"
    if len(found) < len(expected):
        return "error", f"The program ended before its last call.\nin {check['calls'][len(found)]}"
    return ("passed", "") if len(found) == len(expected) else ("error", "The program gave more results than calls.")


def _same(got: str, right: str) -> bool:
    """Equal as text; what equals nothing, NaN for one, is written with a leading question mark."""
    return got == right and not right.startswith("?")
