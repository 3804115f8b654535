"""Fenced and marked blocks of an answer.

Fences follow CommonMark with the liberties that models take: any or no language tag, a fence that never closes, one
glued to prose or to the last line of code, one opened before the last was closed, and fences inside a docstring.
`[PYTHON] .. [/PYTHON]`, `[BEGIN] .. [DONE]` and `'''python .. '''` are fences too, and so is a line of code between
backticks.
"""

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Literal

from harness.suites.extraction.lexer import indentation

Kind = Literal["fence", "text"]

PYTHON_TAGS = frozenset({"python", "python2", "python3", "py", "py3", "ipython", "ipython3", "pycon"})
_CONTAINER_TAGS = frozenset({"markdown", "md"})
_REOPENING_TAGS = PYTHON_TAGS | _CONTAINER_TAGS | {"bash", "sh", "shell", "text", "output", "console"}
_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)\Z")
_FENCE_AFTER_PROSE = re.compile(r"[^`]*(?P<fence>```)[ \t]*(?P<info>python3?|py)[ \t]*\Z", re.IGNORECASE)
_ONE_LINE = re.compile(r"[ \t]*`{3,}(?:(?:python3?|py)[ \t]+)?(?P<code>[^`\n]+)`{3,}[ \t]*\Z", re.IGNORECASE)
_MARKER = re.compile(r"[ \t]*\[(?:PYTHON|BEGIN)\][ \t]*\Z")
_MARKER_END = re.compile(r"[ \t]*\[(?:/PYTHON|DONE)\][ \t]*\Z")
_SPAN = re.compile(r"(?P<ticks>`{1,2})(?P<code>(?:async def|def|\w+ *= *lambda)\b[^`\n]+)(?P=ticks)[ \t]*\Z")
_QUOTES = re.compile(r"(?P<fence>'{3}|\"{3})(?P<info>python3?|py)[ \t]*\Z", re.IGNORECASE)
_WORD = re.compile(r"\{?[\w.+#-]*")
_OUTSIDE_STRING = re.compile(r"#|\"\"\"|'''|\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?")
_INSIDE_STRING = {'"""': re.compile(r'\\.|"""'), "'''": re.compile(r"\\.|'''")}


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an answer that is, or may be, code. `line` orders the blocks of one answer."""

    text: str
    kind: Kind
    line: int
    language: str = ""
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Fenced:
    """The fenced blocks of an answer, and its lines with a bare fence in place of every line of a block."""

    blocks: tuple[Block, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class _Opening:
    fence: str
    language: str
    indent: int


@dataclass(frozen=True, slots=True)
class _End:
    """A block ends before `line`, and what follows it begins at `following`."""

    line: int
    following: int
    closed: bool = True


def fenced_blocks(text: str) -> Fenced:
    """The fenced and marked blocks of `text` in order."""
    scanner = _Scanner(text.split("\n"))
    rest = list(scanner.lines)
    blocks: list[Block] = []
    position = 0
    while position < len(rest):
        line = scanner.lines[position]
        if match := _ONE_LINE.match(line) or _SPAN.match(line):
            blocks.append(Block(match["code"].strip(), "fence", position))
            rest[position] = "```"
        elif (opening := _opening(line)) and not scanner.is_container(position, opening):
            end = scanner.end(position + 1, opening)
            blocks.append(_block(scanner.lines[position + 1 : end.line], opening, position, closed=end.closed))
            rest[position : end.following] = ["```"] * (end.following - position)
            position = end.following - 1
        position += 1
    return Fenced(tuple(blocks), "\n".join(rest))


class _Scanner:
    """Finds where blocks end. `patience` bounds the lines looked at twice, which keeps the whole scan linear."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.patience = len(lines)

    def is_container(self, position: int, opening: _Opening) -> bool:
        """Whether the block holds prose or another block: a markdown fence, or a marker around a fence."""
        if opening.language in _CONTAINER_TAGS:
            return True
        following = next((line for line in self.lines[position + 1 : position + 4] if line.strip()), "")
        inner = _FENCE.match(following)
        return inner is not None and (
            not opening.fence or (len(opening.fence) > len(inner["fence"]) and bool(inner["info"]))
        )

    def end(self, start: int, opening: _Opening) -> _End:
        """The end of the block whose first line is `start`."""
        delimiter: str | None = None
        position = start
        while position < len(self.lines):
            end = self._end_at(position, opening)
            after = self._docstring_end(position, delimiter) if end and delimiter else None
            if end and after is None:
                return end
            delimiter = _string_state(self.lines[position], delimiter) if after is None else None
            position = after or position + 1
        return _End(len(self.lines), len(self.lines), closed=False)

    def _end_at(self, position: int, opening: _Opening) -> _End | None:
        line = self.lines[position]
        if not opening.fence:
            return _End(position, position + 1) if _MARKER_END.match(line) else None
        if opening.fence in _INSIDE_STRING:
            return _End(position, position + 1) if line.rstrip() == opening.fence else None
        match = _FENCE.match(line)
        if match and match["fence"].startswith(opening.fence):
            reopens = _is_tag(match["info"])
            return _End(position, position + (0 if reopens else 1), closed=not reopens)
        if line.rstrip().endswith(opening.fence) and "#" not in line and line.strip("`~ \t"):
            self.lines[position] = line.rstrip().removesuffix(opening.fence)
            return _End(position + 1, position + 1)
        return None

    def _docstring_end(self, position: int, delimiter: str) -> int | None:
        """The line after an open string, if the fences in it are its own: the string closes, and they come in pairs."""
        inside = False
        state: str | None = delimiter
        while state and position < len(self.lines) and self.patience > 0:
            self.patience -= 1
            match = _FENCE.match(self.lines[position])
            if match and inside and match["info"].strip():
                return None
            inside = inside != bool(match)
            state = _string_state(self.lines[position], state)
            position += 1
        return position if state is None and not inside else None


def _opening(line: str) -> _Opening | None:
    if _MARKER.match(line):
        return _Opening("", "python", indentation(line))
    match = _FENCE.match(line) or _FENCE_AFTER_PROSE.match(line) or _QUOTES.match(line)
    if match is None:
        return None
    word = _WORD.match(match["info"])
    language = word.group().strip("{.").lower() if word else ""
    return _Opening(match["fence"], language, indentation(line) if line.lstrip().startswith(match["fence"]) else 0)


def _is_tag(info: str) -> bool:
    """Whether the text after a fence inside a block opens another block; prose after a closing fence does not."""
    return info.strip().lower() in _REOPENING_TAGS


def _block(lines: list[str], opening: _Opening, position: int, *, closed: bool) -> Block:
    language = opening.language
    if lines and not language and lines[0].strip().lower() in PYTHON_TAGS:
        language, lines = "python", lines[1:]
    text = "\n".join(lines).removeprefix("\ufeff")
    if opening.indent and all(indentation(line) >= opening.indent for line in lines if line.strip()):
        text = dedent(text)
    return Block(text, "fence", position, language, closed)


def _string_state(line: str, delimiter: str | None) -> str | None:
    """The triple quote still open at the end of `line`, given the one open at its start."""
    position = 0
    while True:
        pattern = _INSIDE_STRING[delimiter] if delimiter else _OUTSIDE_STRING
        match = pattern.search(line, position)
        if match is None or match.group() == "#":
            return delimiter
        position = match.end()
        if delimiter:
            delimiter = None if match.group() == delimiter else delimiter
        elif match.group() in _INSIDE_STRING:
            delimiter = match.group()
