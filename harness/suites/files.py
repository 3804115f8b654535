"""Local copies of data sets: .jsonl, .json (one array or JSON lines), both also .gz, and .parquet.

JSON is read with the standard library, because importing `datasets` costs seconds; parquet is read with `datasets`.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from harness.errors import UserError

_HINT = "Give the suite's file as jsonl, json (one array), either of them with .gz, or parquet."


def read_file(path: Path) -> Iterator[tuple[str, object]]:
    """Every row of the file and where it stands, such as `data.jsonl, line 3`.

    Raises:
        UserError: the file is not there, not readable, of another format, or broken; the message names the line.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".parquet"]:
        return _parquet(path)
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    if suffixes[-1:] not in ([".json"], [".jsonl"]):
        raise UserError(f"{path}: the format {''.join(path.suffixes) or 'without a suffix'!r} is not known.", _HINT)
    text = _text(path)
    return _array(path, text) if text.lstrip().startswith("[") else _lines(path, text)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix.lower() == ".gz" else content).decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.", _HINT) from error
    except (EOFError, zlib.error) as error:
        raise UserError(f"{path} is not a whole gzip file: {error}.", "Fetch it again.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start}).", _HINT) from error


def _lines(path: Path, text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _json(line, where)


def _array(path: Path, text: str) -> Iterator[tuple[str, object]]:
    rows = _json(text, str(path))
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        yield f"{path}, item {number}", row


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise UserError(f"{where}: not valid JSON: {error.msg} ({place}).", "Correct it or fetch it again.") from error
    except RecursionError as error:
        raise UserError(f"{where}: the JSON is nested too deeply.", "Fetch it again.") from error


def _parquet(path: Path) -> Iterator[tuple[str, object]]:
    if not path.is_file():
        raise UserError(f"{path} cannot be read: No such file.", _HINT)
    from datasets import load_dataset  # type: ignore[import-untyped]  # noqa: PLC0415  (seconds)

    try:
        rows = load_dataset("parquet", data_files=str(path), split="train", streaming=True)
        yield from ((f"{path}, row {number}", row) for number, row in enumerate(rows, start=1))
    except (ValueError, OSError) as error:
        raise UserError(f"{path} is not a parquet file: {error}.", "Fetch it again.") from error
