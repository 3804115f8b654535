"""A lexical reading of Python text: statements and their tokens, without a parser.

It accepts any text, knows just enough of the grammar to tell strings, comments, brackets and logical lines apart, and
never recurses, so hostile nesting costs nothing. Every character is read once: linear in the text's length.
"""

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>   [^\S\n]+ | \\\n | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<string>  [rRbBuUfF]{0,2}
                   (?: \"\"\" (?: [^"\\]++ | \\[\s\S] | "(?!"") )*+ (?: \"\"\" | (?P<open1>\\?\Z) )
                     | '''    (?: [^'\\]++ | \\[\s\S] | '(?!'') )*+ (?: '''    | (?P<open2>\\?\Z) )
                     | "      (?: [^"\\\n]++ | \\[\s\S] )*+ "?
                     | '      (?: [^'\\\n]++ | \\[\s\S] )*+ '? ) )
    | (?P<name>    [^\W\d]\w* )
    | (?P<other>   \d[\w.]* | := | -> | \*\* | // | [=!<>]= | [-+*/%&|^@]= | [\s\S] )
    """,
    re.VERBOSE,
)
_STATEMENT_AT_MARGIN = re.compile(r"(?:def|class|async[ ]+def|from|import)[ ]+\w|@\w")
_OPENING, _CLOSING = "([{", ")]}"


class Statement(NamedTuple):
    """One logical line: text[start:end], where `start` is the beginning of its first line.

    `tokens` leaves out spaces and comments; a string is one token. `complete` is false where a string or a bracket
    never closes.
    """

    indent: int
    tokens: tuple[str, ...]
    start: int
    end: int
    complete: bool


def indentation(line: str) -> int:
    """The column at which `line` begins, with tab stops of eight as Python counts them."""
    return len(line[: len(line) - len(line.lstrip(" \t\f"))].expandtabs(8))


def is_name(token: str) -> bool:
    """Whether a token is an identifier and not a keyword."""
    return token.isidentifier() and not iskeyword(token)


def read_statement(text: str, start: int) -> Statement:
    """The logical line whose first line begins at `start`; a blank line or a comment is one without tokens."""
    tokens: list[str] = []
    depth = 0
    position = start
    complete = True
    while match := _TOKEN.match(text, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "newline":
            if depth == 0 or _STATEMENT_AT_MARGIN.match(text, position):
                break
        elif kind != "space":
            token = match.group()
            tokens.append(token)
            complete = match["open1"] is None and match["open2"] is None
            depth = max(0, depth + (token in _OPENING) - (token in _CLOSING))
    return Statement(indentation(_first_line(text, start)), tuple(tokens), start, position, complete and depth == 0)


def statements(text: str) -> Iterator[Statement]:
    """The statements of a whole text in order, without blank lines and comments."""
    position = 0
    while position < len(text):
        statement = read_statement(text, position)
        position = statement.end
        if statement.tokens:
            yield statement


def _first_line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)]
