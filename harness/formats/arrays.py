"""Samples as one JSON array: lists of programs in the order of the suite, or objects that name their problem.

    BigCode         generations.json: [[program, ...], ...], the n-th list for the n-th problem
    LiveCodeBench   custom output: [{"question_id", "code_list": [program, ...]}, ...], or lists as above
    any             the objects of a JSON lines file in one array

Such a file is held in memory whole.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.formats.found import Found, kind_of, malformed, text_of
from harness.formats.lines import read_rows

IDS = ("question_id", "task_id")


def read_array(path: Path, rows: list[Any]) -> Iterator[Found]:
    """The answers in an array.

    Raises:
        UserError: an item is neither a list of programs nor an object; its place is named.
    """
    for place, row in enumerate(rows):
        where = f"{path}, item {place + 1}"
        if isinstance(row, list | str):
            yield from _programs(row if isinstance(row, list) else [row], place, where, by_place=True)
        elif isinstance(row, dict) and "code_list" in row:
            yield from _programs(row["code_list"], _id(row, where), where, by_place=False)
        elif isinstance(row, dict):
            yield from read_rows([(where, row)])
        else:
            raise malformed(where, f"it is {kind_of(row)}, expected a list of programs or an object")


def _programs(programs: object, task: str | int, where: str, *, by_place: bool) -> Iterator[Found]:
    if not isinstance(programs, list):
        raise malformed(where, f"its programs are {kind_of(programs)}, expected a list")
    for number, program in enumerate(programs, 1):
        text = text_of(program, str(number), where)
        yield Found(where, task, by_place=by_place, fields={"solution": text, "raw": False})


def _id(row: dict[str, Any], where: str) -> str | int:
    for name in IDS:
        value = row.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return value
    raise malformed(where, f"it has none of {', '.join(IDS)}")
