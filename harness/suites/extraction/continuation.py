"""A program from code that leans on the prompt: a body that continues it, or a function that needs its preamble."""

from harness.records import Problem, Program
from harness.suites.extraction.choice import Chosen
from harness.suites.extraction.lexer import Statement, indentation, read_statement, statements
from harness.suites.extraction.runs import code_end
from harness.suites.extraction.survey import bound_names, definition, survey

_INDENT = 4


def code_only(text: str) -> str:
    """A continuation up to its first line that is no code, where a model ran on with prose or another answer."""
    end = code_end(text, 0, 0)
    return text if not text[end:].strip() else text[:end]


def continue_prefix(text: str, problem: Problem, notes: tuple[str, ...]) -> Program:
    """The prompt continued by a body, whose indentation is mended where it does not fit."""
    mended, note = _fit(text, _body_indent(problem.prefix))
    joint = "" if problem.prefix.endswith("\n") or mended.startswith("\n") else "\n"
    return Program(
        source=problem.prefix + joint + mended, method="continuation", notes=(*notes, note) if note else notes
    )


def with_preamble(chosen: Chosen, problem: Problem, notes: tuple[str, ...]) -> Program:
    """The chosen code, behind the prompt's own imports and helpers where it uses any that it lacks."""
    source = chosen.text
    notes = (*notes, *chosen.notes)
    preamble = _preamble(problem)
    lacking = sorted(chosen.needed & survey(preamble).defined)
    if lacking:
        notes = (*notes, f"the prompt's preamble put in front for {', '.join(lacking)}")
        position = _after_future_imports(source)
        source = f"{source[:position]}{preamble.strip()}\n\n\n{source[position:]}"
    return Program(source=source, method=chosen.kind, notes=notes)


def names_of(prefix: str) -> frozenset[str]:
    """Every name that a prefix binds, its entry point's parameters among them."""
    return frozenset(name for statement in statements(prefix) for name in bound_names(statement.tokens))


def _preamble(problem: Problem) -> str:
    """The prefix up to the entry point's own definition or its first decorator, and the imports inside the function."""
    preamble, begin = "", 0
    inside = False
    for statement in statements(problem.prefix):
        if definition(statement.tokens) == problem.entry_point:
            preamble, inside = problem.prefix[:begin], True
        elif inside and statement.tokens[0] in ("import", "from"):
            preamble += problem.prefix[statement.start : statement.end].lstrip()
        begin = begin if statement.tokens[0] == "@" else statement.end
    return preamble


def _after_future_imports(source: str) -> int:
    ends = [statement.end for statement in statements(source) if statement.tokens[:2] == ("from", "__future__")]
    return max(ends, default=0)


def _body_indent(prefix: str) -> int:
    """The column of a body that continues `prefix`: that of its last statement, or one level below a bare header."""
    last: Statement | None = None
    for statement in statements(prefix):
        last = statement
    if last is None:
        return _INDENT
    return last.indent + (_INDENT if definition(last.tokens) is not None else 0)


def _fit(body: str, target: int) -> tuple[str, str]:
    """`body` with its first statement at column `target`, and a note where that took a change."""
    own, tail = _split_tail(body)
    lines = list(statements(own))
    if not lines or lines[0].indent == target:
        return body, ""
    first, others = lines[0], lines[1:]
    opens_block = first.tokens[-1] == ":"
    only_first = others and others[0].indent >= target + opens_block and min(line.indent for line in others) >= target
    if first.indent < target and only_first:
        mended = own[: first.start] + _moved(own[first.start : first.end], target - first.indent) + own[first.end :]
        return mended + tail, "indentation of the first line restored"
    return _shifted(own, target - first.indent) + tail, "indentation of the body restored"


def _split_tail(body: str) -> tuple[str, str]:
    """The body itself, and definitions at the margin that follow its last `return`."""
    ended = False
    for statement in statements(body):
        at_margin = statement.indent == 0 and (definition(statement.tokens) or statement.tokens[0] == "@")
        if ended and at_margin:
            return body[: statement.start], body[statement.start :]
        ended = statement.tokens[0] in ("return", "raise")
    return body, ""


def _shifted(text: str, columns: int) -> str:
    """`text` with every logical line moved; the inside of a string or bracket stays as it is."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        statement = read_statement(text, position)
        parts.append(_moved(text[position : statement.end], columns))
        position = statement.end
    return "".join(parts)


def _moved(line: str, columns: int) -> str:
    content = line.lstrip(" \t\f")
    first_line_indent = indentation(line.split("\n", 1)[0])
    return line if not line.strip() else " " * max(0, first_line_indent + columns) + content
