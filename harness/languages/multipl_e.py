"""From MultiPL-E's tests to a check that is judged outside the program: pure functions on text.

The tests of that data set are regular: one comparison a line, of a call with a literal. Each line is taken apart into
the call, which goes into the driver, and the expected value, which goes into the oracle program only.
"""

import json
import re
from typing import NamedTuple

from harness.checks import ProgramCheck, Step
from harness.languages import Language, TestShape

_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "\"'`"
_COMMENT = re.compile(r"^[ \t]*(?://|/\*)", re.MULTILINE)


class Case(NamedTuple):
    """One comparison: the call, the expected value, and the method that compares ("same" ==, "equal" equals)."""

    call: str
    right: str
    kind: str = "same"


def program_check(name: str, row: Language, prompt: str, tests: str) -> tuple[str, ProgramCheck]:
    """The function's name and the check of one problem.

    Raises:
        ValueError: the tests have not the regular shape.
    """
    cases = [case for line in _on_one_line(tests).splitlines() if (case := _case(row.tests, line))]
    if not cases:
        raise ValueError("no comparison found in the tests")
    function = _function(row.tests, tests, cases)
    reason = next((why for pattern, why in row.tests.unsplit.items() if re.search(pattern, prompt)), "")
    put = row.tests.inside if reason else row.tests.put
    returns = re.search(row.tests.returns, prompt) if row.tests.returns else None
    names = {"name": function, "preamble": preamble(prompt), "returns": returns[1] if returns else "()"}
    check = ProgramCheck(
        language=name,
        program=row.answer.program,
        files=_filled(row.files, put, cases, names),
        oracle={} if reason else _filled(row.oracle, row.tests.expect, cases, names),
        steps=tuple(Step(command=command, env=row.env) for command in row.steps),
        compare=row.compare,
        compile_status=row.compile_status,
        calls=tuple(case.call for case in cases),
        unsplit=reason,
    )
    return function, check


def preamble(prompt: str) -> str:
    """What stands above the problem's comment: imports and the like, without an opened class."""
    head = prompt[: match.start()] if (match := _COMMENT.search(prompt)) else ""
    return re.sub(r"^class \w+ \{\s*\Z", "", head, flags=re.MULTILINE)


def _on_one_line(tests: str) -> str:
    """The tests with line feeds inside their strings written as escapes, as they were meant (HumanEval/51)."""
    return re.sub(r'"(?:[^"\\\n]|\\.|\n(?=[^"\n]*"\)))*"', lambda match: match[0].replace("\n", "\\n"), tests)


def _case(shape: TestShape, line: str) -> Case | None:
    match = re.match(shape.case, line)
    if match is None:
        return None
    found = match.groupdict()
    case = _parted(found["test"]) if "test" in found else Case(found["call"], found["right"])
    for pattern, replacement in shape.repairs:
        case = case._replace(right=re.sub(pattern, replacement, case.right))
    return case


def _parted(test: str) -> Case:
    """`call == (right)`, `call.equals((right))` or `call, right`, apart. ValueError: it is none of these."""
    end = _closing(test, test.index("("))
    call, rest = test[: end + 1], test[end + 1 :].strip()
    if rest.startswith(("==", ",")):
        return Case(call, rest.removeprefix("==").removeprefix(",").strip())
    if rest.startswith(".equals(") and rest.endswith(")"):
        return Case(call, rest.removeprefix(".equals(")[:-1], "equal")
    raise ValueError(f"a test of unknown shape: {test[:100]}")


def _closing(text: str, position: int) -> int:
    """Where the bracket that opens at `position` closes; strings are skipped."""
    depth, quote = 0, ""
    while position < len(text):
        char = text[position]
        if quote:
            position += char == "\\"
            quote = "" if char == quote else quote
        elif char in _QUOTES:
            quote = char
        else:
            depth += (char in _OPEN) - (char in _CLOSE)
            if depth == 0:
                return position
        position += 1
    raise ValueError("an unclosed bracket in the tests")


def _function(shape: TestShape, tests: str, cases: list[Case]) -> str:
    match = re.search(shape.name, tests) if shape.name else re.match(r"(\w+)\(", cases[0].call)
    if match is None:
        raise ValueError("the tests name no function")
    return match[1]


def _filled(files: dict[str, str], put: str, cases: list[Case], names: dict[str, str]) -> dict[str, str]:
    lines = [_put(put, case, names) for case in cases]
    return {file: _fill(text, {**names, "puts": _puts(file, lines, names)}) for file, text in files.items()}


def _put(template: str, case: Case, names: dict[str, str]) -> str:
    parts = {"CALL": case.call, "RIGHT": case.right, "KIND": case.kind, "RETURNS": names["returns"]}
    return re.sub("CALL|RIGHT|KIND|RETURNS", lambda match: parts[match[0]], template)


def _puts(file: str, lines: list[str], names: dict[str, str]) -> str:
    """All calls as they go into a file: as statements, or as a list of expressions where it is JSON."""
    if file.endswith(".json"):
        return json.dumps([re.sub(r"^candidate\(", f"{names['name']}(", line) for line in lines])
    return "".join(lines)


def _fill(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(name|preamble|puts)\}", lambda match: values[match[1]], template)
