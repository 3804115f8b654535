"""Samples as one JSON value: lists of programs in the order of the suite, or objects that name their problem.

    BigCode         generations.json: [[program, ...], ...], the n-th list for the n-th problem
    LiveCodeBench   custom output: [{"question_id", "code_list": [program, ...]}, ...] (lists.py), or lists as above
    EvalPlus        eval_results.json: {"eval": {task_id: [{"solution"}, ...]}}; its own verdicts are not looked at
    any             the objects of a JSON lines file in one array

Such a file is held in memory whole.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.formats.found import Found, kind_of, malformed, text_of
from harness.formats.lines import read_rows
from harness.formats.lists import read_programs


def read_array(path: Path, rows: list[Any]) -> Iterator[Found]:
    """The answers in an array.

    Raises:
        UserError: an item is neither a list of programs nor an object; its place is named.
    """
    for place, row in enumerate(rows):
        where = f"{path}, item {place + 1}"
        if isinstance(row, list | str):
            yield from read_programs(row if isinstance(row, list) else [row], place, where, by_place=True)
        elif isinstance(row, dict):
            yield from read_rows([(where, row)])
        else:
            raise malformed(where, f"it is {kind_of(row)}, expected a list of programs or an object")


def is_results(value: object) -> bool:
    """Whether a JSON value is what EvalPlus leaves of an evaluation."""
    return isinstance(value, dict) and isinstance(value.get("eval"), dict) and "hash" in value


def read_results(path: Path, value: dict[str, Any]) -> Iterator[Found]:
    """The programs that EvalPlus evaluated.

    Raises:
        UserError: an entry has no program, as with versions of EvalPlus that kept none.
    """
    for task_id, entries in value["eval"].items():
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            where = f"{path}, {task_id}, {number}"
            text = text_of(entry.get("solution") if isinstance(entry, dict) else None, "solution", where)
            yield Found(where, task_id, fields={"solution": text, "raw": False})
