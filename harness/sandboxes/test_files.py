"""Tests in Python, judged by the Python sandbox: the roles are swapped, and the judge keeps the module under test.

The answer runs as the program and calls the module's functions as callbacks into the judge, which counts the lines that
run. So nothing that the answer does to its own process covers a statement. Each version of the module, the right one
and the broken ones, has a trial of its own: tests that remember one version cannot tell the next from it.
"""

import json
import re
import secrets
from collections.abc import Awaitable, Callable

from harness.assets import asset
from harness.records import Job, Outcome, PythonCheck, TestsCheck, Verdict

ORIGINALS = 3
"""How often the right version is tried where there are broken ones: tests that fail by chance kill nothing."""

_RUN = "__run__"
_SAID = re.compile(r"AssertionError: (\w+) (\{.*?\}) (.*)")


async def run_tests(job: Job, run: Callable[[Job], Awaitable[Outcome]]) -> Outcome:
    """The outcome of the tests of a TestsCheck; `run` judges a job of a PythonCheck.

    Of the trials with the right version the first that is not passed counts. With `mutants`, `killed` says on how many
    of them the tests do not pass; none, where they do not pass on the right version.

    Raises:
        ValueError: not one Python file is under test.
        SandboxError: a trial has no verdict.
    """
    check = job.check
    assert isinstance(check, TestsCheck)
    [(path, source)] = check.files.items()
    tried = [await _tried(job, path, source, run)]
    if not check.mutants:
        return tried[0]
    while len(tried) < ORIGINALS and tried[-1].verdict is Verdict.PASSED:
        tried.append(await _tried(job, path, source, run))
    outcome, broken = tried[-1], []
    if outcome.verdict is Verdict.PASSED:
        broken = [await _tried(job, path, mutant[path], run) for mutant in check.mutants]
    killed = sum(one.verdict is not Verdict.PASSED for one in broken)
    spent = {name: round(sum(getattr(one, name) for one in (*tried, *broken)), 4) for name in ("cpu_s", "wall_s")}
    return outcome.model_copy(update={**spent, "measures": {**outcome.measures, "killed": float(killed)}})


async def _tried(job: Job, path: str, source: str, run: Callable[[Job], Awaitable[Outcome]]) -> Outcome:
    """What the tests make of one version of the module."""
    nonce = secrets.token_hex(8)
    name = path.rpartition("/")[2].removesuffix(".py")
    test = f"numbers, why = measured({_RUN}, {name!r}, {source!r})\n"
    test += f"raise AssertionError(f'{nonce} {{numbers}} {{why}}')\n"
    program = f"{_text('testrun.py')}\n__answer__ = {job.program!r}\n"
    python = PythonCheck(setup=_text("subject.py"), functions=(_RUN,), test=test)
    return _read(await run(job.model_copy(update={"check": python, "program": program})), nonce)


def _read(outcome: Outcome, nonce: str) -> Outcome:
    """The outcome of the tests, from that of the job that tried them; only the judge can have said the nonce."""
    found = _SAID.match(outcome.detail)
    if outcome.verdict is not Verdict.FAILED or found is None or found[1] != nonce:
        return outcome
    measures = {name: float(number) for name, number in json.loads(found[2]).items()}
    why = found[3]
    update = {"verdict": _verdict(measures, why), "detail": why, "measures": measures}
    return outcome.model_copy(update=update)


def _verdict(measures: dict[str, float], why: str) -> Verdict:
    if not measures["executed"]:
        return Verdict.COMPILE_ERROR if why.startswith(("SyntaxError", "IndentationError")) else Verdict.ERROR
    passed = measures["tests"] > 0 and measures["tests"] == measures["tests_passed"]
    return Verdict.PASSED if passed else Verdict.FAILED


def _text(name: str) -> str:
    return asset("sandbox", "languages", "python", name).read_text(encoding="utf-8")
