"""Found: one answer of somebody else's file, before it is numbered and its problem is looked up."""

from dataclasses import dataclass, field
from typing import Any

from harness.errors import UserError


@dataclass(frozen=True)
class Found:
    """An answer and where it stands, such as `samples.jsonl, line 3`.

    `task` is the problem's id as the file writes it, or, with `by_place`, the place of its list in the file (from 0).
    `own_index` is the sample's number where the file gives one. `fields` are those of a Sample, its text among them.
    """

    where: str
    task: str | int
    by_place: bool = False
    own_index: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """What columns of JSON lines mean: `sample_id` tells the problem where there is no `task_id`.

    With `only`, a column and a value, just the rows count that hold this value there.
    """

    sample_id: str | None = None
    only: tuple[str, str] | None = None

    def chosen(self, row: dict[str, Any]) -> bool:
        """Whether the row counts."""
        return self.only is None or str(row.get(self.only[0])) == self.only[1]


ALL_ROWS = Columns()


def text_of(value: object, name: str, where: str) -> str:
    """A text as it can be written: a lone surrogate fits into no file and becomes a question mark.

    Raises:
        UserError: it is not a text.
    """
    if not isinstance(value, str):
        raise malformed(where, f"field {name} is {kind_of(value)}, expected text")
    return value.encode("utf-8", "replace").decode()


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def malformed(where: str, what: str, hint: str = "Correct or remove it") -> UserError:
    """The error for a part of a file that cannot be read."""
    return UserError(f"{where}: {what}.", f"{hint}; nothing was scored.")
