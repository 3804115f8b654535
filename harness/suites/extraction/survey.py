"""What a piece of code defines and what it still needs, judged from its tokens alone.

Scopes are not told apart for what is needed: a name that the code binds anywhere counts as its own. That errs on the
side of adding nothing.
"""

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.suites.extraction.lexer import Statement, is_name, statements

_BUILTINS = frozenset(dir(builtins))
_STUB_BODIES = (("pass",), (".", ".", "."), ("raise", "NotImplementedError"))
_FIELD = re.compile(r"\{([^{}]*)")
_NAME = re.compile(r"[^\W\d]\w*")
_F_STRING = re.compile(r"[rR]?[fF]")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a text defines at module level, which names it uses but never binds, and whether it is whole.

    `functions` are the functions and classes among `defined`, `stubs` those of them whose body is a docstring, `pass`,
    `...` or `raise NotImplementedError`. `returns` is true where a `return` or `yield` stands outside every function:
    the mark of a body without its signature. `complete` is false where a string or a bracket never closes.
    """

    defined: frozenset[str]
    functions: frozenset[str]
    stubs: frozenset[str]
    needed: frozenset[str]
    returns: bool
    complete: bool


def survey(text: str) -> Survey:
    """What `text` defines and needs, and whether it is whole."""
    parts = list(statements(text))
    outer, has_body = _outline(parts)
    bound: set[str] = set()
    used: set[str] = set()
    complete = True
    for statement in parts:
        bound.update(bound_names(statement.tokens))
        used.update(_used_names(statement.tokens))
        complete = complete and statement.complete
    functions = frozenset(has_body)
    targets = {name for tokens in outer if not definition(tokens) for name in bound_names(tokens)}
    return Survey(
        defined=functions | targets,
        functions=functions,
        stubs=frozenset(name for name, body in has_body.items() if not body),
        needed=frozenset(used - bound - _BUILTINS),
        returns=any(tokens[0] in ("return", "yield") for tokens in outer),
        complete=complete,
    )


def definition(tokens: tuple[str, ...]) -> str | None:
    """The name that a `def`, `async def` or `class` statement defines; None for any other statement."""
    position = 2 if tokens[:2] == ("async", "def") else 1
    if tokens[position - 1] not in ("def", "class"):
        return None
    return tokens[position] if len(tokens) > position else ""


def bound_names(tokens: tuple[str, ...]) -> set[str]:
    """The names that one statement binds, in whatever scope: targets, parameters, imports, definitions."""
    if tokens[0] == "from":
        position = tokens.index("import") if "import" in tokens else len(tokens)
        return _imported(tokens[position + 1 :])
    if tokens[0] == "import":
        return _imported(tokens[1:])
    return {*_targets(tokens), *_introduced(tokens)}


def _outline(parts: list[Statement]) -> tuple[list[tuple[str, ...]], dict[str, bool]]:
    """The statements outside every function and class, and for each outermost of these whether it has a body.

    A statement between the columns of a header and of its body is outside too: the header had lost its indentation.
    """
    outer: list[tuple[str, ...]] = []
    has_body: dict[str, bool] = {}
    name, header, body = "", -1, -1
    for statement in parts:
        if name and statement.indent > header and statement.indent >= body:
            body = statement.indent if body < 0 else body
            has_body[name] = has_body[name] or not _is_stub(statement.tokens)
            continue
        outer.append(statement.tokens)
        name, header, body = definition(statement.tokens) or "", statement.indent, -1
        if name:
            has_body[name] = _has_inline_body(statement)
    return outer, has_body


def _has_inline_body(statement: Statement) -> bool:
    return statement.complete and statement.tokens[-1] != ":"


def _is_stub(tokens: tuple[str, ...]) -> bool:
    docstring = len(tokens) == 1 and tokens[0][-1] in "\"'"
    return docstring or any(tokens[: len(body)] == body for body in _STUB_BODIES)


def _used_names(tokens: tuple[str, ...]) -> Iterator[str]:
    for previous, word, following in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False):
        if is_name(word):
            keyword_argument = following == "=" and previous in ("(", ",")
            if previous != "." and not keyword_argument:
                yield word
        elif word[-1] in "\"'" and _F_STRING.match(word):
            for field in _FIELD.findall(word):
                yield from _NAME.findall(field)


def _imported(tokens: tuple[str, ...]) -> set[str]:
    return {
        word
        for previous, word, following in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False)
        if is_name(word) and following != "as" and previous != "."
    }


def _targets(tokens: tuple[str, ...]) -> Iterator[str]:
    """Names left of an assignment's last `=` outside brackets, and an annotated name."""
    if len(tokens) > 1 and tokens[1] == ":" and is_name(tokens[0]):
        yield tokens[0]
        return
    depth, last = 0, 0
    for position, word in enumerate(tokens):
        depth += _depth_change(word)
        if word == "=" and depth == 0:
            last = position
    for previous, word, following in zip(("", *tokens), tokens[:last], tokens[1:], strict=False):
        if is_name(word) and following in (",", "=", ")", "]") and previous not in (".", "["):
            yield word


def _introduced(tokens: tuple[str, ...]) -> Iterator[str]:
    """Names after `def`, `class`, `as`, `for` and `lambda`, parameters, and names before `:=`."""
    depth, header, loop, function = 0, False, False, False
    for previous, word, following in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False):
        depth += _depth_change(word)
        header = (header or word == "def") and not (word == ":" and depth == 0)
        loop = (loop or word == "for") and word != "in"
        function = (function or word == "lambda") and word != ":"
        if is_name(word) and (
            previous in ("def", "class", "as")
            or following == ":="
            or (loop and previous != ".")
            or (((header and depth == 1) or function) and previous in ("(", ",", "*", "**", "lambda"))
        ):
            yield word


def _depth_change(word: str) -> int:
    return (word in ("(", "[", "{")) - (word in (")", "]", "}"))
