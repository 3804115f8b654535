"""Answers in other languages than Python: the code block that defines the function, made a whole file by the table.

What a language's code looks like is a row of harness/languages/table.yaml. Pure, never raises, linear in the answer.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.languages import AnswerShape, Language, language
from harness.languages.multipl_e import preamble
from harness.records import Problem, Program, PromptMode
from harness.suites.extraction.answer import clean, normalize
from harness.suites.extraction.braces import unclosed

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[^\s`{]*)[^\n`]*$", re.MULTILINE)
_INDENT = re.compile(r"[ \t]+\S")


class _Block(NamedTuple):
    tag: str
    text: str


def extract_foreign(answer: str, problem: Problem, name: str, mode: PromptMode, stop: tuple[str, ...]) -> Program:
    """The program in a model's answer: as `extract` says, for the language called `name`."""
    row = language(name)
    text, notes = clean(answer, stop if mode == "completion" else ())
    blocks = list(_blocks(text))
    if mode == "completion" and not blocks:
        return _continued(text, problem, row, notes)
    own = [block for block in blocks if block.tag in ("", *row.tags)]
    defines = _definition(row.answer, problem.entry_point)
    chosen = next((block for block in own if defines.search(block.text)), None)
    if chosen is not None:
        return Program(source=whole(chosen.text, problem, row), method="fence", notes=notes)
    if not blocks and defines.search(text):
        return Program(source=whole(text, problem, row), method="text", notes=notes)
    if own and _INDENT.match(own[0].text):
        return _continued(own[0].text, problem, row, notes)
    if own:
        lacking = f"nothing defines {problem.entry_point}"
        return Program(source=whole(own[0].text, problem, row), method="fence", notes=(*notes, lacking))
    return Program(source=None, method="none", notes=(*notes, "the answer has no code"))


def assemble_foreign(completion: str | None, solution: str | None, problem: Problem, name: str) -> Program:
    """The program of a sample that is code already: as `assemble` says, for the language called `name`."""
    row = language(name)
    if solution is not None and solution.strip():
        return Program(source=whole(_closed(normalize(solution), row.answer), problem, row), method="solution")
    if completion is not None and completion.strip():
        return Program(source=_continuing(normalize(completion), problem, row.answer), method="completion")
    return Program(source=None, method="none", notes=("the sample is blank",))


def whole(text: str, problem: Problem, row: Language) -> str:
    """A file of `text`, which holds the function: with the prompt's preamble where it has none of its own."""
    shape = row.answer
    head = preamble(problem.prefix)
    found = re.search(shape.whole, text, re.MULTILINE) if shape.whole else None
    if shape.wrap:
        text = head + (_with_class(text, found[1], shape) if found else f"{shape.wrap} {{\n{text}\n}}\n")
    elif shape.whole:
        own_imports = shape.imports and re.search(shape.imports, text, re.MULTILINE)
        text = text if found else (head.partition("\n")[0] + "\n" if own_imports else head) + text
    else:
        text = _missing_lines(head, text) + text
    return _rewritten(text, shape)


def _with_class(text: str, first: str, shape: AnswerShape) -> str:
    """The text with the class that the driver calls, which gets what the answer's own class has under another name."""
    if re.search(rf"\b{shape.wrap}\b", text):
        return text
    return f"{text}\n{shape.wrap} extends {first} {{}}\n"


def _missing_lines(head: str, text: str) -> str:
    """The preamble's lines that the text has not itself; one with definitions is left out if the text has any of it."""
    if "{" in head:
        return "" if any(line in text for line in head.splitlines() if "{" in line) else head
    own = {line.strip() for line in text.splitlines()}
    return "".join(f"{line}\n" for line in head.splitlines() if line.strip() and line.strip() not in own)


def _continued(text: str, problem: Problem, row: Language, notes: tuple[str, ...]) -> Program:
    if not text.strip():
        return Program(source=None, method="none", notes=(*notes, "the answer has no code"))
    return Program(source=_continuing(text, problem, row.answer), method="continuation", notes=notes)


def _continuing(text: str, problem: Problem, shape: AnswerShape) -> str:
    return _rewritten(_closed(problem.prefix + text, shape), shape)


def _closed(text: str, shape: AnswerShape) -> str:
    """The text with the prompt's braces closed: MultiPL-E's stop words end an answer before it does so itself."""
    lacking = min(unclosed(text), shape.open)
    return text + "\n}" * lacking + "\n" if lacking > 0 else text


def _rewritten(text: str, shape: AnswerShape) -> str:
    for pattern, replacement in shape.rewrite:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    uses = [use for path, use in shape.used.items() if re.search(rf'^(?:import)?[ \t(]*"{path}"', text, re.MULTILINE)]
    return text + "".join(f"\nvar _ = {use}\n" for use in uses)


def _definition(shape: AnswerShape, entry_point: str) -> re.Pattern[str]:
    return re.compile(shape.definition.replace("NAME", re.escape(entry_point)), re.MULTILINE)


def _blocks(text: str) -> Iterator[_Block]:
    """The fenced blocks in order; one that is never closed reaches to the end."""
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence["fence"].startswith(opening["fence"]) and not fence["tag"]:
            yield _Block(opening["tag"].lower(), text[opening.end() + 1 : fence.start()])
            opening = None
    if opening is not None:
        yield _Block(opening["tag"].lower(), text[opening.end() + 1 :])
