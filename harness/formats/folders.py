"""Folders of samples.

EvalPlus     FOLDER/HumanEval_0/0.py, a folder a problem and a file a sample; the first underscore of a folder's name
             stands for the slash of the task id, and files count in the order of their numbers
MultiPL-E    FOLDER/PROBLEM.json.gz, a file a problem (lists.py); its .results.json.gz beside
             them are not looked at
"""

import re
from collections.abc import Iterator
from pathlib import Path

from harness.errors import UserError
from harness.formats.found import Found
from harness.formats.lines import read_rows
from harness.formats.reading import open_file, parse_json

_RESULTS = (".results.json", ".results.json.gz")


def read_folder(path: Path) -> Iterator[Found]:
    """The samples below a folder.

    Raises:
        UserError: it holds none, or a file cannot be read.
    """
    programs = sorted(path.glob("*/*.py"), key=lambda file: (_natural(file.parent.name), _natural(file.name)))
    lists = [file for file in path.iterdir() if file.name.endswith((".json", ".json.gz"))]
    lists = sorted((file for file in lists if not file.name.endswith(_RESULTS)), key=lambda file: _natural(file.name))
    if not programs and not lists:
        raise UserError(
            f"{path} holds no samples.",
            "EvalPlus's layout is FOLDER/HumanEval_0/0.py, MultiPL-E's FOLDER/PROBLEM.json.gz; or name a file.",
        )
    for file in programs or lists:
        try:
            yield from _program(file) if programs else _list(file)
        except OSError as error:
            raise UserError(f"Cannot read {file}: {error.strerror or error}.", "Correct or remove it.") from error


def _program(file: Path) -> Iterator[Found]:
    text = file.read_bytes().decode("utf-8", "replace")
    yield Found(str(file), file.parent.name.replace("_", "/", 1), fields={"solution": text, "raw": False})


def _list(file: Path) -> Iterator[Found]:
    with open_file(file) as content:
        yield from read_rows([(str(file), parse_json(content.read(), str(file)))])


def _natural(name: str) -> list[tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]
