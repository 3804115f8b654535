"""Writes the reference part of docs/run-directory.md from harness/records.py; `--check` only compares."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from harness.pricing.charges import Charge
from harness.records import Execution, Record, Report, RunInfo, Sample

PAGE = Path(__file__).parent.parent / "docs" / "run-directory.md"
MARK = "<!-- Below this line the page is made from harness/records.py: `make docs` -->\n"
FILES: dict[str, type[Record]] = {
    "run.json": RunInfo,
    "samples.jsonl": Sample,
    "executions.jsonl": Execution,
    "charges.jsonl": Charge,
    "report.json": Report,
}
WORDS = {
    "NoneType": "null",
    "datetime": "date and time (ISO 8601)",
    "Decimal": "decimal string",
    "JsonValue": "any JSON",
    "str": "text",
    "bool": "true or false",
}


def main() -> int:
    """Write the page, or check it; 1 where a check finds it out of date."""
    page = PAGE.read_text(encoding="utf-8")
    current = page.partition(MARK)[0] + MARK + reference()
    if "--check" not in sys.argv:
        PAGE.write_text(current, encoding="utf-8")
    elif page != current:
        sys.stderr.write("docs/run-directory.md is not what harness/records.py says: run `make docs`.\n")
        return 1
    return 0


def reference() -> str:
    """Markdown: a table for each file, then one for each record that the files contain."""
    parts = sorted(set().union(*map(contained, FILES.values())) - set(FILES.values()), key=lambda kind: kind.__name__)
    sections = [section(f"`{name}`", kind) for name, kind in FILES.items()]
    return "\n".join(sections + [section(kind.__name__, kind) for kind in parts])


def section(title: str, kind: type[Record]) -> str:
    """Heading, the record's docstring and the table of its fields."""
    rows = [f"| `{name}` | {spell(field.annotation)} | {default(field)} |" for name, field in kind.model_fields.items()]
    said = " ".join((kind.__doc__ or "").split())
    return "\n".join([f"## {title}", "", said, "", "| field | type | default |", "| --- | --- | --- |", *rows, ""])


def contained(kind: type[Record]) -> set[type[Record]]:
    """`kind` and every record that its fields hold, however deep."""
    found = {kind}
    for field in kind.model_fields.values():
        for inner in records_in(field.annotation):
            found |= contained(inner)
    return found


def records_in(annotation: Any) -> list[type[Record]]:
    """The record types that a type annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [found for argument in get_args(annotation) for found in records_in(argument)]


def spell(annotation: Any) -> str:
    """A type annotation as a person would write it."""
    origin, arguments = get_origin(annotation), [part for part in get_args(annotation) if part is not Ellipsis]
    if origin is Literal:
        return " or ".join(f'`"{value}"`' for value in arguments)
    words = [spell(part) for part in arguments]
    if origin in (Union, UnionType):
        return " or ".join(words)
    if origin is tuple:
        return f"list of {words[0]}"
    if origin is dict:
        return f"map from {words[0]} to {words[1]}"
    return spell_name(annotation)


def spell_name(kind: Any) -> str:
    """A type without parameters: a link where the pages explain it."""
    name = getattr(kind, "__name__", str(kind))
    if records_in(kind):
        return f"[{name}](#{name.lower()})"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"[{name.lower()}](glossary.md)"
    return WORDS.get(name, name)


def default(field: FieldInfo) -> str:
    """The field's default as JSON would show it, or that it must be there."""
    if field.is_required():
        return "required"
    return "its defaults" if isinstance(field.default, Record) else f"`{json.dumps(field.default)}`"


if __name__ == "__main__":
    sys.exit(main())
