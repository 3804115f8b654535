"""Calls that a test is certain to make one after the other, found in its source: they are sent ahead (ahead.py).

    assert add(1, 2) == 3              __result__ = __each__(add, [[1, 2], [3, 4]])
    assert add(3, 4) == 7       ->     assert __result__() == 3
                                       assert __result__() == 7

Only neighbouring asserts count, of one function and with one call each, all of whose arguments are literals. What is
done with the result must ask nothing more of the program: a comparison with literals, its truth, arithmetic with
numbers, abs or round. A test that could go on after a failed assert is left as it is.
"""

import ast
import re
from itertools import groupby

EACH = "__each__"
_RESULT = "__result__"
_GOES_ON = re.compile(r"\b(?:try|with|lambda|yield)\b")
_NUMBERS = frozenset((int, float, complex))


def foresee(source: str) -> ast.Module:
    """The test's syntax tree, its runs of foreseeable calls replaced. Raises what `ast.parse` raises."""
    tree = ast.parse(source)
    if not _GOES_ON.search(source):
        tree.body = _rewritten(tree.body)
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef):
                statement.body = _rewritten(statement.body)
    return tree


def _rewritten(body: list[ast.stmt]) -> list[ast.stmt]:
    rewritten: list[ast.stmt] = []
    for name, group in groupby([(statement, _foreseen(statement)) for statement in body], _name):
        run = list(group)
        calls = [call for _, call in run if call]
        if name and len(calls) > 1:
            rewritten.append(_announcement(calls))
            for call in calls:
                call.func, call.args = ast.copy_location(ast.Name(_RESULT, ast.Load()), call), []
        rewritten += [statement for statement, _ in run]
    return rewritten


def _announcement(calls: list[ast.Call]) -> ast.stmt:
    lists = ast.List([ast.List(call.args, ast.Load()) for call in calls], ast.Load())
    each = ast.Call(ast.Name(EACH, ast.Load()), [calls[0].func, lists], [])
    statement = ast.Assign([ast.Name(_RESULT, ast.Store())], each)
    for node in (statement, *statement.targets, each, each.func, lists, *lists.elts):
        ast.copy_location(node, calls[0])
    return statement


def _name(foreseen: tuple[ast.stmt, ast.Call | None]) -> str:
    """The function of a foreseen call, or ""."""
    return foreseen[1].func.id if foreseen[1] else ""  # type: ignore[attr-defined]


def _foreseen(statement: ast.stmt) -> ast.Call | None:
    """The one call that an assert makes of the program, if it is foreseeable."""
    if type(statement) is ast.Assert and (statement.msg is None or _are_literals([statement.msg])):
        calls = _calls(statement.test)
        if calls and len(calls) == 1:
            return calls[0]
    return None


def _calls(node: ast.expr) -> list[ast.Call] | None:
    """The foreseeable calls in an expression; None where it could ask more of the program."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name in ("abs", "round"):
                return _calls(arguments[0]) if _are_literals(arguments[1:]) and arguments else None
            return [node] if _are_literals(arguments) else None
        case ast.Compare(left=left, ops=operators, comparators=right):
            contains = any(isinstance(operator, (ast.In, ast.NotIn)) for operator in operators)
            return None if contains else _together([left, *right])
        case ast.UnaryOp(operand=operand):
            return _calls(operand)
        case ast.BinOp(left=left, right=right):
            return _together([left, right]) if _is_arithmetic(left) and _is_arithmetic(right) else None
        case _:
            return [] if _are_literals([node]) else None


def _together(nodes: list[ast.expr]) -> list[ast.Call] | None:
    found = [_calls(node) for node in nodes]
    return None if None in found else [call for calls in found for call in calls or []]


def _is_arithmetic(node: ast.expr) -> bool:
    """A number, or no literal: a sum of lists may be too long to be compared without asking for its portions."""
    return type(node.value) in _NUMBERS if type(node) is ast.Constant else not _are_literals([node])


def _are_literals(nodes: list[ast.expr]) -> bool:
    stack = list(nodes)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Constant:
            continue
        if kind in (ast.List, ast.Tuple, ast.Set):
            stack += node.elts  # type: ignore[attr-defined]
        elif kind is ast.Dict and None not in node.keys:  # type: ignore[attr-defined]
            stack += node.keys + node.values  # type: ignore[attr-defined]
        elif not (kind is ast.UnaryOp and type(node.operand) is ast.Constant):  # type: ignore[attr-defined]
            return False
    return True
