"""Runs of code among prose: how an answer without fences is read.

A line begins or continues a run when it reads like a statement, or is indented more than the run; a line of prose ends
it. Logical lines are taken whole, so what a docstring or a bracket holds is never judged.
"""

import re

from harness.suites.extraction.fences import Block
from harness.suites.extraction.lexer import indentation, read_statement, statements
from harness.suites.extraction.survey import definition

_SUBSCRIPTED = r"[A-Za-z_][\w.]*+(?:\[(?:[^\[\]]|\[[^\[\]]*+\])*+\])?+"
_STATEMENT = re.compile(
    rf"""(?:async[ ]+)?def[ ]+\w+[ ]*\( | class[ ]+\w+[ ]*[(:] | @[A-Za-z_]
      | import[ ]+[\w.]+(?:[ ]+as[ ]+\w+)?(?:[ ]*,[ ]*[\w.]+(?:[ ]+as[ ]+\w+)?)*+[ ]*;?[ ]*(?:\#.*)?\Z
      | from[ ]+[\w.]+[ ]+import[ ]+[\w(*]
      | (?:if|elif|while|with|async[ ]+with|except|match)\b.*: | (?:async[ ]+)?for\b.*\bin\b.*[:(\[{{]
      | (?:if|elif|while|with)[ ]*(?:not\b[ ]*)?\(
      | (?:else|try|finally|except)[ ]*:
      | (?:return|raise|yield|assert|del|global|nonlocal)\b | (?:pass|break|continue)[ ]*(?:[\#;].*)?\Z
      | {_SUBSCRIPTED}(?:[ ]*,[ ]*\*?{_SUBSCRIPTED})*+[ ]*
        (?: :[ ]*[A-Za-z_][^=]*=(?!=) | (?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=) )
      | [A-Za-z_][\w.]*+\((?:.*\)[ ]*;?[ ]*(?:\#.*)?|.*[(\[{{,])?\Z
      | [rRbBuUfF]?(?:\"\"\"|''')
    """,
    re.VERBOSE,
)
_HEADER = re.compile(r"(?:if|elif|else|while|with|for|async|try|except|finally|match)\b(?!.*\bdef\b).*:\s*+(?:#.*)?\Z")
_DEFINITION = re.compile(r"(?:async[ ]+def|def|class|import|from)[ ]|@")
_PROSE = re.compile(r"(?:[-*•][ ]|\d+[.)][ ])?[A-Z][\w'\u2019-]*,?(?:[ ][\w'\u2019-]+[,.:;]?){2}")
_HEADING = re.compile(r"[*_]*[A-Z][\w ]*:[*_]*\Z")
_PROMPTED = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?:[ ]|$)")
_TRANSCRIPT = re.compile(r"[ \t]*>>>[ ](?:async|def|class|import|from|@)")
_LONGEST_HEAD = 300
"""A line is judged by this many characters, so that a long one costs no more."""


def is_statement(line: str) -> bool:
    """Whether a line, read alone, is rather a statement of Python than prose."""
    return _STATEMENT.match(line.strip()[:_LONGEST_HEAD]) is not None


def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence and not like code."""
    return not is_statement(line) and _PROSE.match(line.strip()[:_LONGEST_HEAD]) is not None


def starts_indented(text: str, entry_point: str | None = None) -> bool:
    """Whether `text` begins with an indented line of code that is not the entry point's own signature."""
    first = next(statements(text), None)
    if first is None or first.indent == 0 or first.tokens[0] in ("`", "~"):
        return False
    own = entry_point is not None and definition(first.tokens) == entry_point
    return not own and not is_prose(text[first.start : first.end])


def code_end(text: str, position: int, base: int) -> int:
    """Where the code that begins at `position` ends: before the first line that is no code.

    A line deeper than column `base` is code unless it reads like prose; one at `base` must be a statement. Comments and
    blank lines at the end are left out.
    """
    end = position
    while position < len(text):
        line = _line(text, position)
        blank = not line.strip() or line.lstrip().startswith("#")
        if not blank and not _continues(text, position, line, base):
            break
        statement = read_statement(text, position)
        position = statement.end
        end = end if blank else position
    return end


def before_prose(text: str) -> str:
    """The text of a block that nothing closes, up to the first line at its margin that reads like prose."""
    lines = list(statements(text))
    margin = lines[0].indent if lines else 0
    for statement in lines:
        line = _line(text, statement.start).strip()
        if statement.indent <= margin and (is_prose(line) or (not is_statement(line) and _HEADING.match(line))):
            return text[: statement.start].rstrip("\n")
    return text


def text_blocks(text: str) -> list[Block]:
    """The runs of code in a text whose fenced blocks have been taken out."""
    blocks: list[Block] = []
    position, number, previous = 0, 0, ""
    while position < len(text):
        line = _line(text, position)
        end = position
        if _begins(text, position, line, previous):
            end = code_end(text, position, indentation(line))
            blocks.append(Block(text[position:end].strip("\n"), "text", number))
        end = max(end, position + len(line) + 1)
        number += text.count("\n", position, end)
        position, previous = end, previous if line.lstrip().startswith("#") else line
    return [*blocks, *_transcript(text)]


def without_prompts(text: str) -> str:
    """The source of an interpreter transcript: its `>>>` and `...` lines without these, its output dropped."""
    return "\n".join(line.lstrip()[4:] for line in text.split("\n") if _PROMPTED.match(line))


def is_transcript(text: str) -> bool:
    """Whether a block is an interpreter transcript."""
    return text.lstrip().startswith(">>>")


def _transcript(text: str) -> list[Block]:
    lines = text.split("\n")
    start = next((number for number, line in enumerate(lines) if _TRANSCRIPT.match(line)), None)
    return [] if start is None else [Block(without_prompts("\n".join(lines[start:])), "text", start)]


def _begins(text: str, position: int, line: str, previous: str) -> bool:
    """Whether a run begins here; an indented line directly below another is part of something that is not Python."""
    if not is_statement(line) or _is_prose_header(text, position, line):
        return False
    return not (indentation(line) and previous.strip("`# \t")) or _DEFINITION.match(line.lstrip()) is not None


def _continues(text: str, position: int, line: str, base: int) -> bool:
    indent = indentation(line)
    if indent == base:
        return is_statement(line) and not _is_prose_header(text, position, line)
    return indent > base and not is_prose(line)


def _is_prose_header(text: str, position: int, line: str) -> bool:
    """Whether a line like `for example in this list:` opens no indented block and so is prose."""
    if not _HEADER.match(line.strip()[:_LONGEST_HEAD]):
        return False
    following = _line(text, position + len(line) + 1)
    return indentation(following) <= indentation(line) if following.strip() else False


def _line(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[position : end if end >= 0 else len(text)]
