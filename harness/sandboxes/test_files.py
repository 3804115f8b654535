"""Tests in Python, judged by the Python sandbox: the roles are swapped, and the judge keeps the module under test.

The answer runs as the program and calls the module's functions as callbacks into the judge, which counts the lines that
run. So nothing that the answer does to its own process covers a statement. Pure: a job in, a job out, and back.
"""

import json
import re
import secrets

from harness.assets import asset
from harness.records import Job, Outcome, PythonCheck, TestsCheck, Verdict

_RUN = "__run__"
_SAID = re.compile(r"AssertionError: (\w+) (\{.*?\}) (.*)")


def as_python(job: Job, nonce: str) -> Job:
    """The job of a PythonCheck that tries the tests of a TestsCheck; `nonce` marks what the judge itself says.

    Raises:
        ValueError: not one Python file is under test.
    """
    check = job.check
    assert isinstance(check, TestsCheck)
    [(path, source)] = check.files.items()
    name = path.rpartition("/")[2].removesuffix(".py")
    mutants = [mutant[path] for mutant in check.mutants]
    test = f"numbers, why = measured({_RUN}, {name!r}, {source!r}, {mutants!r})\n"
    test += f"raise AssertionError(f'{nonce} {{numbers}} {{why}}')\n"
    program = f"{_text('testrun.py')}\n__answer__ = {job.program!r}\n"
    python = PythonCheck(setup=_text("subject.py"), functions=(_RUN,), test=test)
    return job.model_copy(update={"check": python, "program": program})


def as_tests(outcome: Outcome, nonce: str) -> Outcome:
    """The outcome of the tests, from that of the job which `as_python` made of them."""
    found = _SAID.match(outcome.detail)
    if outcome.verdict is not Verdict.FAILED or found is None or found[1] != nonce:
        return outcome
    measures = {name: float(number) for name, number in json.loads(found[2]).items()}
    why = found[3]
    update = {"verdict": _verdict(measures, why), "detail": why, "measures": measures}
    return outcome.model_copy(update=update)


def new_nonce() -> str:
    """A word that no program can know."""
    return secrets.token_hex(8)


def _verdict(measures: dict[str, float], why: str) -> Verdict:
    if not measures["executed"]:
        return Verdict.COMPILE_ERROR if why.startswith(("SyntaxError", "IndentationError")) else Verdict.ERROR
    passed = measures["tests"] > 0 and measures["tests"] == measures["tests_passed"]
    return Verdict.PASSED if passed else Verdict.FAILED


def _text(name: str) -> str:
    return asset("sandbox", "languages", "python", name).read_text(encoding="utf-8")
