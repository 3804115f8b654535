"""Recorded answers from a file instead of a model: old answers, evaluated anew for nothing. Registered as `replay`.

The file (jsonl or jsonl.gz) is the entry's `base_url`, as in `--model replay/gpt-4@answers.jsonl`. A line holds
`task_id` and the answer as `completion`, `response` or `text` (null: the model gave none), and may hold `index`,
`usage` (`input`, `output`, `cached`, `reasoning`, or OpenAI's names), `finish_reason`, `reasoning`, `refusal`,
`model`, `latency_s`. Without an `index`, lines of one problem count in their order. Other fields are passed over.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from anyio import to_thread
from pydantic import JsonValue, ValidationError

from harness.errors import ProviderError, UserError
from harness.pricing.usage import read_usage
from harness.records import Completion, Model, Request, Usage

TEXTS = ("completion", "response", "text")
KEPT = ("finish_reason", "reasoning", "refusal", "model", "latency_s")


class ReplayBackend:
    """Answers with what is recorded for `(task_id, index)`."""

    samples_per_request = 1000
    free = True

    def __init__(self, model: Model) -> None:
        self.model = model
        self._recorded: dict[tuple[str, int], Completion] = {}

    async def __aenter__(self) -> Self:
        if not self.model.base_url:
            raise UserError(
                f"{self.model.name} names no file of recorded answers.",
                "Give it as base_url, or on the command line: --model replay/NAME@answers.jsonl",
            )
        self._recorded = await to_thread.run_sync(read_answers, Path(self.model.base_url))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recorded = {}

    async def check(self) -> dict[str, JsonValue]:
        """How many answers there are."""
        return {"answers": len(self._recorded), "problems": len({task for task, _ in self._recorded})}

    async def facts(self) -> dict[str, JsonValue]:
        """There is no server."""
        return {}

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """The recorded answers.

        Raises:
            ProviderError: nothing is recorded for one of the indices (`not_recorded`).
        """
        return tuple(self._one(request.problem.task_id, index) for index in request.indices)

    def _one(self, task_id: str, index: int) -> Completion:
        found = self._recorded.get((bare(task_id), index))
        if found is None:
            raise ProviderError(
                f"{self.model.base_url} has no answer {index} of {task_id}.",
                "Ask for fewer samples, or add the answer to the file.",
                reason="not_recorded",
            )
        return found


def bare(task_id: object) -> str:
    """The part of a task_id that names the problem: 11, "11", MBPP/11 and Mbpp/11 are the same problem."""
    text = str(task_id)
    suite, slash, number = text.partition("/")
    return number if slash and suite.lower() == "mbpp" else text


def read_answers(path: Path) -> dict[tuple[str, int], Completion]:
    """The answers in `path` by task_id and index.

    Raises:
        UserError: the file is not there, or a line is not an answer; the message names line and field.
    """
    answers: dict[tuple[str, int], Completion] = {}
    counts: dict[str, int] = {}
    for where, row in _rows(path):
        if not isinstance(row.get("task_id"), str | int):
            raise _bad(where, "task_id", "is missing or not a name")
        task_id = bare(row["task_id"])
        index = row.get("index", counts.get(task_id, 0))
        if not isinstance(index, int) or index < 0:
            raise _bad(where, "index", "is not a number from 0 on")
        if (task_id, index) in answers:
            raise _bad(where, "index", f"{index} of {task_id} is there already")
        counts[task_id] = index + 1
        answers[task_id, index] = _completion(where, row)
    return answers


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}, line {number}", _row(f"{path}, line {number}", line)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read the recorded answers in {path}: {error}.", "Check the path.") from error


def _row(where: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: not JSON: {error}.", "Each line is one JSON object.") from None
    if not isinstance(row, dict):
        raise UserError(f"{where}: not a JSON object.", "Each line is one JSON object.")
    return row


def _completion(where: str, row: dict[str, Any]) -> Completion:
    name = next((field for field in TEXTS if field in row), None)
    if name is None:
        raise _bad(where, "completion", "is missing (response and text are read as well)")
    if not isinstance(row[name], str | None):
        raise _bad(where, name, "is not text")
    try:
        kept = {field: row[field] for field in KEPT if row.get(field) is not None}
        return Completion(text=row[name] or "", usage=_usage(row.get("usage"), bool(row[name])), **kept)
    except ValidationError as error:
        first = error.errors()[0]
        raise _bad(where, ".".join(map(str, first["loc"])), first["msg"]) from None


def _usage(recorded: Any, answered: bool) -> Usage | None:
    if isinstance(recorded, dict) and "input" in recorded:
        return Usage(**recorded)
    return read_usage(recorded, answered=answered)


def _bad(where: str, field: str, what: str) -> UserError:
    return UserError(f"{where}: the field {field} {what}.", "docs/backends.md describes the file.")
