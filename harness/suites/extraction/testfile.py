"""An answer that is a file of tests: the file in it, and what is counted of the answer itself. Pure, linear in time.

The rule is that of DevQualityEval v0.4.0, as its recorded answers show it (docs/devqualityeval.md): the code is the
first fenced block, each fence on a line of its own; a fence right behind a fence counts as one. Without such a block
the whole text is tried, less a fence that has no partner, and there is no point for code.
"""

import re
from typing import NamedTuple

from harness.records import Program

_DOUBLED = re.compile(r"```\s*```")
_FENCE = re.compile(r"(?:^|\n)[^\S\n]*```\w*[^\S\n]*(?=\n|$)")
_COMMENTS = {"python": ("#",), "go": ("//", "/*"), "java": ("//", "/*")}


class Reading(NamedTuple):
    """The file (its source is None where the answer is blank) and the answer's own measures.

    `response-no-error`, `response-not-empty`, `response-with-code` and `response-no-excess` are 0 or 1;
    `excess-characters` stand outside the block, `comment-lines` are those of the file that are nothing but a comment.
    """

    program: Program
    measures: dict[str, float]


def read_test_file(answer: str | None, language: str) -> Reading:
    """The test file in a model's answer; None: the model gave none, not even an empty one."""
    text = _DOUBLED.sub("```", (answer or "").replace("\r\n", "\n"))
    fences = [match.span() for match in _FENCE.finditer(text)]
    with_code = len(fences) > 1
    if with_code:
        (start, begin), (end, after) = fences[:2]
        code, excess = text[begin:end], text[:start] + text[after:]
    else:
        code, excess = _FENCE.sub("", text), ""
    code = code.strip()
    measures = {
        "response-no-error": float(answer is not None),
        "response-not-empty": float(bool(text.strip())),
        "response-with-code": float(with_code),
        "response-no-excess": float(with_code and not excess.strip()),
        "excess-characters": float(len(excess.strip())),
        "comment-lines": float(_comment_lines(code, language)),
    }
    if not code:
        return Reading(Program(source=None, method="none", notes=("the answer has no code",)), measures)
    return Reading(Program(source=code + "\n", method="fence" if with_code else "text"), measures)


def given_test_file(source: str, language: str) -> Reading:
    """A test file that somebody gives as such: nothing surrounds it."""
    found = read_test_file(f"```\n{source}\n```", language)
    return Reading(Program(source=source, method="solution"), found.measures)


def _comment_lines(code: str, language: str) -> int:
    """Lines that begin with a comment, and those inside a block comment."""
    marks, inside, count = _COMMENTS.get(language, ("#",)), False, 0
    for line in map(str.strip, code.split("\n")):
        block = inside or line.startswith("/*")
        count += inside or line.startswith(marks)
        inside = block and "*/" not in line and "/*" in marks
    return count
