"""The rows of a suite's data set: read, typed, keyed by task id, put in order, cut into splits."""

import re
from collections.abc import Iterator
from pathlib import Path

from harness.errors import UserError
from harness.suites.definition import Split, SuiteDefinition, TreeSource
from harness.suites.files import read_file
from harness.suites.fingerprint import row_digest
from harness.suites.hub import read_hub
from harness.suites.prompting import fill
from harness.suites.rows import Row, typed_row
from harness.suites.tree import read_tree


def read_rows(definition: SuiteDefinition, path: Path | None) -> dict[str, Row]:
    """All rows by task id, from the file or else from the hub, in natural order of their ids (2 before 10).

    Raises:
        UserError: a row is malformed, or two rows have the same id.
        MachineError: the hub cannot be reached.
    """
    raw = _raw_rows(definition, path)
    rows: dict[str, Row] = {}
    for where, values in raw:
        row = typed_row(values, definition.columns, where)
        task_id = fill(definition.problem.task_id, row.values)
        if task_id in rows:
            raise UserError(f"{where}: task_id {task_id} is there twice, first in {rows[task_id].where}.", "Drop one.")
        rows[task_id] = row
    return dict(sorted(rows.items(), key=lambda item: _natural(item[0])))


def _raw_rows(definition: SuiteDefinition, path: Path | None) -> Iterator[tuple[str, object]]:
    source = definition.source
    if isinstance(source, TreeSource):
        return read_tree(source, definition.name, path)
    return read_hub(source, definition.name) if path is None and source.kind == "hub" else read_file(path or Path())


def of_split(rows: dict[str, Row], split: Split) -> dict[str, Row]:
    """The rows that belong to the split, by the last number of their ids (see definition.Split)."""
    return {task_id: row for task_id, row in rows.items() if _within(split, task_id)}


def digests(rows: dict[str, Row]) -> dict[str, str]:
    """Digest of each row by task id."""
    return {task_id: row_digest(row.values) for task_id, row in rows.items()}


def _natural(task_id: str) -> list[tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", task_id)]


def _within(split: Split, task_id: str) -> bool:
    if split.ids is None:
        return True
    numbers = re.findall(r"\d+", task_id)
    return bool(numbers) and split.ids[0] <= int(numbers[-1]) <= split.ids[1]
