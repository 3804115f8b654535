"""Prompt presets: named templates that turn a problem into what the model is sent; pure functions, no I/O.

A template is text with `{name}` slots, filled in one pass from the problem's own columns (a list of lines is joined by
line feeds, `{name[0]}` is its first item, `{name:stripped}` has no blanks around it) and `{entry_point}`; other braces
stay as they are. In a few-shot preset each
shot is the same template as the question's followed by `answer`, so questions and shots cannot drift apart.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Self

from pydantic import JsonValue, model_validator

from harness.records import Message, Problem, Prompt, PromptMode, Record

_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:\[(\d+)\])?(:stripped)?\}")


def slots(template: str) -> set[str]:
    """The names that a template needs."""
    return {match[1] for match in _SLOT.finditer(template)}


def fill(template: str, values: Mapping[str, JsonValue]) -> str:
    """Fill every slot of `template`; a value is never searched for slots itself.

    Raises:
        KeyError: `values` lacks a name of the template.
    """
    return _SLOT.sub(lambda match: _filled(values[match[1]], match), template)


def _filled(value: JsonValue, slot: re.Match[str]) -> str:
    text = _text(value, slot[2])
    return text.strip() if slot[3] else text


def _text(value: JsonValue, place: str | None) -> str:
    if place is not None:
        return str(value[int(place)]) if isinstance(value, list) else ""
    return "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


class Shots(Record):
    """Solved problems shown before the question: their task ids and the template of their answer."""

    ids: tuple[str, ...]
    answer: str


class Preset(Record):
    """One named way of asking: `messages` in chat mode, `text` in completion mode."""

    name: str
    mode: PromptMode
    description: str
    messages: tuple[Message, ...] = ()
    text: str = ""
    shots: Shots | None = None
    stop: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_the_template_of_its_mode(self) -> Self:
        wanted, other = ("messages", "text") if self.mode == "chat" else ("text", "messages")
        if not getattr(self, wanted) or getattr(self, other):
            raise ValueError(f"a preset of mode {self.mode} has {wanted} and no {other}")
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template of this preset."""
        answer = (self.shots.answer,) if self.shots else ()
        return (self.text, *(message.content for message in self.messages), *answer)

    @property
    def sha256(self) -> str:
        """Hash of what shapes the prompt: mode, templates, shots' ids and stop sequences."""
        shape = self.model_dump(mode="json", exclude={"name", "description"})
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def render(preset: Preset, problem: Problem, shots: Mapping[str, Problem]) -> Prompt:
    """The prompt for one problem. `shots` holds at least the problems that `preset.shots` names."""
    solved = [shots[task_id] for task_id in preset.shots.ids] if preset.shots else []
    answer = preset.shots.answer if preset.shots else ""
    if preset.mode == "completion":
        text = "".join(fill(preset.text + answer, _values(shot)) for shot in solved)
        return Prompt(mode="completion", text=text + fill(preset.text, _values(problem)), stop=preset.stop)
    turns = [turn for shot in solved for turn in (*_ask(preset, shot), _answer(answer, shot))]
    return Prompt(mode="chat", messages=(*turns, *_ask(preset, problem)), stop=preset.stop)


def _ask(preset: Preset, problem: Problem) -> list[Message]:
    return [Message(role=turn.role, content=fill(turn.content, _values(problem))) for turn in preset.messages]


def _answer(template: str, shot: Problem) -> Message:
    return Message(role="assistant", content=fill(template, _values(shot)))


def _values(problem: Problem) -> dict[str, JsonValue]:
    return {**problem.fields, "entry_point": problem.entry_point}
