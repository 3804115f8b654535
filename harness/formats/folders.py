"""EvalPlus's folders of programs: FOLDER/HumanEval_0/0.py, a folder a problem and a file a sample.

The first underscore of a folder's name stands for the slash of the task id; files count in the order of their numbers.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from harness.errors import UserError
from harness.formats.found import Found


def read_folder(path: Path) -> Iterator[Found]:
    """The programs below a folder.

    Raises:
        UserError: it holds none, or one cannot be read.
    """
    files = sorted(path.glob("*/*.py"), key=lambda file: (_natural(file.parent.name), _natural(file.name)))
    if not files:
        raise UserError(
            f"{path} holds no folder of programs.", "EvalPlus's layout is FOLDER/HumanEval_0/0.py; or name a file."
        )
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8", "replace")
        except OSError as error:
            raise UserError(f"Cannot read {file}: {error.strerror}.", "Correct or remove it.") from error
        task = file.parent.name.replace("_", "/", 1)
        yield Found(str(file), task, fields={"solution": text, "raw": False})


def _natural(name: str) -> list[tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]
