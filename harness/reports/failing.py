"""What a verdict's detail says, taken apart for a reader: the failing call, what was expected of it, what it returned.

A detail is written by the judge (docs/sandbox.md): an error, the line of the test, and the last call with its result.
Parts of it are the program's own words; whatever does not have the expected form stays in `error`.
"""

import re
from dataclasses import dataclass

from harness.points import PointsRule
from harness.records import Execution, Verdict
from harness.reports.measures import lost_in_words

_RESULT = re.compile(r"\n(?P<call>[\w.]+\([^\n]*?\)) returned (?P<got>.*)\Z", re.DOTALL)
_INSIDE = re.compile(r"\nin (?P<call>[\w.]+\(.*\))\s*\Z", re.DOTALL)
_EXPECTED = re.compile(r"AssertionError: expected (?P<expected>.*?)(?:\n|\Z)", re.DOTALL)
_ASSERT = re.compile(r"(?:\A|\n)(?P<check>assert .*)", re.DOTALL)
_COMPARED = re.compile(r"\A(?P<call>[^\n]+)\nexpected (?P<expected>.*)\ngot (?P<got>.*)\Z", re.DOTALL)
_LINE = re.compile(r"\((?:[\w./<>-]+, )?line (\d+)\)")


@dataclass(frozen=True)
class Failing:
    """One failed check; what is not known is empty. `line` is the program's line that raised, 0 where none is named."""

    error: str
    check: str = ""
    call: str = ""
    expected: str = ""
    got: str = ""
    line: int = 0


def failing_of(detail: str) -> Failing:
    """The parts of a detail."""
    if compared := _COMPARED.match(detail):  # of programs in other languages
        return Failing("", call=compared["call"], expected=compared["expected"], got=compared["got"])
    rest, call, got = detail, "", ""
    for pattern in (_RESULT, _INSIDE):
        if found := pattern.search(rest):
            rest, call, got = rest[: found.start()], found["call"], found.groupdict().get("got", "")
            break
    check = found["check"] if (found := _ASSERT.search(rest)) else ""
    error = rest[: len(rest) - len(check)].strip() if check else rest.strip()
    expected = wanted["expected"] if (wanted := _EXPECTED.match(rest)) else _right_side(check)
    line = int(raised[1]) if (raised := _LINE.search(error)) else 0
    return Failing(error.partition("\n")[0] if wanted else error, check.strip(), call, expected, got, line)


def brief_of(execution: Execution, rule: PointsRule | None = None) -> str:
    """In one line what an answer lacks: the failing call, the compiler's first error, or the points that it lost."""
    if execution.failure is not None:
        return _in_line(execution.failure.message)
    if execution.verdict is Verdict.PASSED:
        return lost_in_words(execution, rule) if rule else ""
    if execution.verdict is Verdict.COMPILE_ERROR and (said := _first_error(execution.output)):
        return said
    failing = failing_of(execution.detail)
    return _in_line(_called(failing) or failing.error or execution.detail)


def _called(failing: Failing) -> str:
    if not failing.call:
        return ""
    if failing.got:
        return f"{failing.call} -> {failing.got}" + (f", not {failing.expected}" if failing.expected else "")
    return f"{failing.call}: {failing.error}"


def _first_error(output: str) -> str:
    lines = [line for line in map(_in_line, output.splitlines()) if line]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")


def _in_line(text: str) -> str:
    return " ".join(text.split())


def _right_side(check: str) -> str:
    """What an `assert A == B, message` compares with: B; nothing where it is of another form."""
    cuts = _outer(check, ("==", ","))
    equals = [at for at, mark in cuts if mark == "=="]
    if len(equals) != 1:
        return ""
    end = next((at for at, mark in cuts if mark == "," and at > equals[0]), len(check))
    return check[equals[0] + 2 : end].strip()


def _outer(text: str, marks: tuple[str, ...]) -> list[tuple[int, str]]:
    """Where the marks stand outside brackets and strings."""
    found, depth, quote, at = [], 0, "", 0
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
            found += [(at, mark) for mark in marks if depth == 0 and text.startswith(mark, at)]
        at += 1
    return found
