"""Objects that hold all samples of one problem in a list.

MultiPL-E               {"name", "language", "prompt", "completions": [text, ...]}: what continues the prompt
lm-evaluation-harness   a line of --log_samples: {"doc": {"task_id"}, "filtered_resps": [[program, ...]], "filter"}
LiveCodeBench           {"question_id", "code_list": [program, ...]}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.formats.found import Found, kind_of, malformed, text_of

_IDS = ("question_id", "task_id")


def is_list(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of these."""
    return "code_list" in row or ("completions" in row and "name" in row) or ("filtered_resps" in row and "doc" in row)


def read_list(row: Mapping[str, Any], where: str) -> Iterator[Found]:
    """The samples of a row, numbered as they stand there.

    Raises:
        UserError: it does not name its problem, or something among its samples is no text.
    """
    if "code_list" in row:
        yield from read_programs(row["code_list"], _id(row, _IDS, where), where)
    elif "completions" in row:
        task = _id(row, ("name",), where)
        for number, text in enumerate(_list(row["completions"], "completions", where)):
            fields = {"completion": text_of(text, f"completions[{number}]", where), "raw": False}
            yield Found(where, task, own_index=number, fields=fields)
    else:
        doc = row["doc"] if isinstance(row["doc"], Mapping) else {}
        task = _id(doc, ("task_id",), f"{where}, field doc")
        for number, text in enumerate(_texts(_list(row["filtered_resps"], "filtered_resps", where))):
            # numbered, so that a second filter's line for the same problem is no further sample
            program = text_of(text, f"filtered_resps, {number + 1}", where)
            yield Found(where, task, own_index=number, fields={"solution": program, "raw": False})


def read_programs(programs: object, task: str | int, where: str, *, by_place: bool = False) -> Iterator[Found]:
    """The samples of a list of whole programs.

    Raises:
        UserError: it is no list, or one of them is no text.
    """
    if not isinstance(programs, list):
        raise malformed(where, f"its programs are {kind_of(programs)}, expected a list")
    for number, program in enumerate(programs, 1):
        text = text_of(program, str(number), where)
        yield Found(where, task, by_place=by_place, fields={"solution": text, "raw": False})


def _texts(items: list[Any]) -> Iterator[object]:
    """Of each request its answers: a list of them, or the one that a filter has taken."""
    for item in items:
        yield from item if isinstance(item, list) else [item]


def _list(value: object, name: str, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise malformed(where, f"field {name} is {kind_of(value)}, expected a list")
    return value


def _id(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> str | int:
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return value
    raise malformed(where, f"it has none of {', '.join(names)}")
