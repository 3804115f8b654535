"""Which of the candidate's names do tests use? Found in the tests' syntax; nothing is run.

MBPP does not say which function a problem asks for: its asserts do. A used name is the candidate's when neither the
tests nor their setup bind or import it and it is no built-in, or when it is a built-in that the reference defines anew
(MBPP/126 asks for a function named `sum`).
"""

import ast
import builtins
import warnings

_BUILTINS = frozenset(dir(builtins))


def candidate_names(test: str, setup: str = "", reference: str = "") -> tuple[str, ...]:
    """Names that the candidate must define, in order of their first use in setup and test.

    Raises:
        SyntaxError: test, setup or reference is not Python.
    """
    tree = _parse(f"{setup}\n{test}")
    bound = _bound(tree)
    free = [name for name in dict.fromkeys(_used(tree)) if name not in bound]
    shadowed = _defined(_parse(reference)) if not _BUILTINS.isdisjoint(free) else set()
    return tuple(name for name in free if name not in _BUILTINS or name in shadowed)


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a data set's invalid escape sequences are not the user's to mend
        return ast.parse(source)


def _used(tree: ast.Module) -> list[str]:
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return [node.id for node in sorted(loads, key=lambda node: (node.lineno, node.col_offset))]


def _bound(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.partition(".")[0])
    return names


def _defined(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
