r"""Rows of a data set as plain values: typed by the definition's columns, the same from whichever format they came.

Text columns (`str`, `list[str]`) have their line ends made `\n`: MBPP's solutions end lines with `\r\n`, and copies of
the data differ in that alone. Columns that the definition does not name are dropped; so are absent values (a parquet
file fills them with nulls).
"""

from collections.abc import Mapping
from typing import NamedTuple, cast

from pydantic import JsonValue

from harness.errors import UserError
from harness.suites.definition import ColumnType

_TYPE_WORDS = {"str": "text", "int": "a whole number", "list[str]": "a list of texts", "json": "a value"}


class Row(NamedTuple):
    """One row: `where` says where it was found (file and line), for messages."""

    where: str
    values: dict[str, JsonValue]


def typed_row(raw: object, columns: Mapping[str, ColumnType], where: str) -> Row:
    """The row with exactly the declared columns.

    Raises:
        UserError: it is no object, or a column is missing or of another type; the message names place and field.
    """
    if not isinstance(raw, Mapping):
        raise UserError(f"{where}: expected an object, found {_named(raw)}.", "Each problem is one JSON object.")
    values = {}
    for name, kind in columns.items():
        value = _pruned(raw.get(name))
        if kind.endswith("?") and value in (None, {}):
            continue
        values[name] = _typed(value, kind, f"{where}: field {name!r}", present=name in raw)
    return Row(where, values)


def _typed(value: JsonValue, kind: ColumnType, where: str, *, present: bool) -> JsonValue:
    match kind, value:
        case "str", str():
            return _unix(value)
        case "int", int() if not isinstance(value, bool):
            return value
        case "list[str]", list() if all(isinstance(item, str) for item in value):
            return [_unix(cast(str, item)) for item in value]
        case (("json" | "json?"), _) if value is not None:
            return value
    found = f"found {_named(value)}" if present else "it is missing"
    raise UserError(f"{where}: expected {_TYPE_WORDS[kind.rstrip('?')]}, {found}.", "Is this the suite's own file?")


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _pruned(value: object) -> JsonValue:
    """The value without the nulls that a column format puts where a key is absent."""
    if isinstance(value, Mapping):
        return {str(key): _pruned(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return cast(JsonValue, value)


def _named(value: object) -> str:
    words = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else words.get(type(value), type(value).__name__)
