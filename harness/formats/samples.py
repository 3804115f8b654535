"""Somebody else's samples, one JSON object a line (plain or gzipped), as a stream: memory stays flat.

    human-eval   {"task_id", "completion"}   the completion continues the prompt
    EvalPlus     {"task_id", "solution"}     a whole program, or a body that needs the prompt in front
    our own      a run's samples.jsonl       raw answers, extracted anew
    transcripts  {"task_id", "response"}     a whole chat reply, extracted like a model's answer

A row's place in the file gives its index within its problem. Further fields are ignored.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from harness.errors import UserError
from harness.records import Sample

TEXT_FIELDS = ("solution", "completion", "response")


def read_samples(path: Path, resolve: Callable[[str | int], str]) -> Iterator[Sample]:
    """The samples of a file in its order; `resolve` turns a raw task_id into the suite's own.

    Raises:
        UserError: no such file, no JSON, a field missing or of the wrong type, a task_id that the suite lacks, or one
            sample given twice (the same `task_id` and `index`); the message names line and field.
    """
    counts: Counter[str] = Counter()
    numbered: dict[tuple[str, int], int] = {}
    for line, row in _rows(path):
        task_id = _task_id(path, line, row, resolve)
        own_index = row.get("index")
        if isinstance(own_index, int):
            first = numbered.setdefault((task_id, own_index), line)
            if first != line:
                raise _malformed(path, line, f"sample {own_index} of {task_id} was given in line {first} already")
        yield _sample(path, line, row, task_id, counts[task_id])
        counts[task_id] += 1
    if not counts:
        raise UserError(f"{path} holds no samples.", "Each line must be a JSON object with task_id and completion.")


def _sample(path: Path, line: int, row: dict[str, Any], task_id: str, index: int) -> Sample:
    field = next((name for name in TEXT_FIELDS if row.get(name) is not None), None)
    if field is None:
        raise _malformed(path, line, "it has neither `completion` nor `solution`")
    text = row[field]
    if not isinstance(text, str):
        raise _malformed(path, line, f"field {field} is {_kind(text)}, expected text")
    # a lone surrogate cannot be written as UTF-8, neither to our own files nor as a program
    text = text.encode("utf-8", "replace").decode()
    if field == "solution":
        return Sample(task_id=task_id, index=index, solution=text, raw=False)
    return Sample(task_id=task_id, index=index, completion=text, raw=field == "response" or row.get("raw") is True)


def _task_id(path: Path, line: int, row: dict[str, Any], resolve: Callable[[str | int], str]) -> str:
    raw = row.get("task_id")
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        what = "is missing" if raw is None else f"is {_kind(raw)}, expected text or a number"
        raise _malformed(path, line, f"field task_id {what}")
    try:
        return resolve(raw)
    except UserError as error:
        raise UserError(f"{path}, line {line}: {error.message}", error.hint) from error


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _row(path, number, line)
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.", "Name a .jsonl or .jsonl.gz file of samples.") from error
    except (IsADirectoryError, PermissionError) as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.", "Name a .jsonl or .jsonl.gz file.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} is not a whole gzip file: {error}.", "Download or compress it again.") from error


def _row(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig") if number == 1 else line)
    except (ValueError, RecursionError) as error:
        raise _malformed(path, number, f"it is not JSON ({error})") from error
    if not isinstance(row, dict):
        raise _malformed(path, number, f"it is {_kind(row)}, expected an object")
    return row


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _malformed(path: Path, line: int, what: str) -> UserError:
    return UserError(f"{path}, line {line}: {what}.", "Correct or remove this line; nothing was scored.")
