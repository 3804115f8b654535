"""From a check whose answer is a file of tests to the commands that build and run it."""

from typing import Any

from harness.checks import TestsCheck
from harness.errors import UserError
from harness.languages import language

BUILD_CPU_S = 20.0


def commands(check: TestsCheck) -> dict[str, Any]:
    """What the runner needs of such a check beside its fields (sandbox/programs.py).

    Raises:
        UserError: tests in that language cannot be run.
    """
    row = language(check.language)
    if not row.testing:
        raise UserError(f"Tests in {row.title} cannot be run.", "docs/languages.md says what can.")
    sources = [name for name in check.files if name.endswith(check.answer[check.answer.rindex(".") :])]
    return {
        "program": check.answer,
        "steps": [{"command": _command(step, check.answer, sources), "env": row.env} for step in row.testing],
        "build_cpu_s": BUILD_CPU_S,
        "unsplit": "the answer is the tests",
    }


def _command(step: tuple[str, ...], answer: str, sources: list[str]) -> list[str]:
    words: list[str] = []
    for word in step:
        words += sources if word == "FILES" else [answer if word == "ANSWER" else word]
    return words
