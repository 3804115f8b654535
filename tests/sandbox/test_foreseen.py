"""Calls found in a test's source and sent ahead: the verdict of the test as written, and fewer waits."""

import ast
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

Tried = Callable[..., tuple[str, str]]

FORESEEN = [
    "assert f(1) == 2\nassert f(3) == 4",
    "def check(f):\n    assert f([1, (2, 'x')], {3: None}) is True\n    assert not f(-1.5, {4})\ncheck(f)",
    "assert abs(f(1) - 2.5) < 1e-6, 'text'\nassert round(f(3), 2) == 4",
    "assert [1] == f('a') != 3\nassert f()",
]
LEFT = [
    "assert f(1) == 2",  # nothing to send ahead of
    "assert list(f(1)) == [1]\nassert list(f(2)) == [2]",  # reads an iterator of the program's
    "assert 1 in f(1)\nassert 2 in f(2)",
    "assert f(1)[0] == 1\nassert f(2)[0] == 2",
    "assert f(1)(2) == 3\nassert f(2)(3) == 5",
    "assert f(f(1)) == 1\nassert f(f(2)) == 2",
    "assert f(1) == f(2)\nassert f(2) == f(3)",
    "assert f(1) == [0] * 9\nassert f(2) == [1] * 9",  # may be compared portion by portion
    "assert f(1) or f(2)\nassert f(3)",
    "assert f(1) == 1, f(2)\nassert f(3) == 1, f(4)",
    "n = 1\nassert f(n)\nassert f(n)",
    "assert f(k=1)\nassert f(k=2)",
    "for _ in '12':\n    assert f(1)\n    assert f(2)",
    "assert f(1)\nassert g(1)",
    "try:\n    check()\nexcept AssertionError:\n    pass\nassert f(1)\nassert f(2)",
    "with raises():\n    assert f(1)\nassert f(2)\nassert f(3)",
    "quiet(lambda: check())\nassert f(2)\nassert f(3)",
]


@pytest.mark.parametrize("test", FORESEEN)
def test_neighbouring_asserts_with_literals_are_foreseen(inside: SimpleNamespace, test: str) -> None:
    """Both calls of the test are announced before the first assert."""
    assert inside.foreseen.EACH in ast.unparse(inside.foreseen.foresee(test))


@pytest.mark.parametrize("test", LEFT)
def test_what_could_ask_more_of_the_program_or_go_on_is_left(inside: SimpleNamespace, test: str) -> None:
    """Prevents a right iterator, handle or second call from being refused because others are under way."""
    assert ast.unparse(inside.foreseen.foresee(test)) == ast.unparse(ast.parse(test))


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.integers(), inner, max_size=2),
    max_leaves=6,
)
statements = st.one_of(
    st.builds("assert {0}({1!r}) == {2!r}".format, st.sampled_from("fg"), literals, literals),
    st.builds("assert {0}({1!r}) is not {2!r}, 'text'".format, st.sampled_from("fg"), literals, st.none()),
    st.builds("assert abs(f({0!r}) - {1!r}) <= {2!r}".format, literals, st.integers(), st.integers(0, 9)),
    st.sampled_from(["x = f(1)", "assert x", "assert f(x)", "for x in [1, 2]:\n    assert f(x)"]),
)


@given(st.lists(statements, max_size=8).map("\n".join), st.booleans())
def test_a_test_asks_the_same_and_ends_the_same(inside: SimpleNamespace, test: str, whole: bool) -> None:
    """Calls, their order and the outcome are those of the test as written, whatever stands in it."""
    test = "def check(f):\n    x = 0\n    " + test.replace("\n", "\n    ") + "\ncheck(f)" if whole else "x = 0\n" + test

    def run(code: Any) -> tuple[list[str], str]:
        asked: list[str] = []

        def f(value: object) -> object:
            asked.append(repr(value))
            return value

        names = {"f": f, "g": f, inside.foreseen.EACH: lambda target, each: (target(*one) for one in each).__next__}
        try:
            exec(code, names)
        except Exception as error:
            return asked, repr(error)
        return asked, "passed"

    assert run(compile(inside.foreseen.foresee(test), "<test>", "exec")) == run(test)


THREE = "assert f(1) == 1\nassert f(2) == 2\nassert f(3) == 3"


@pytest.mark.parametrize(
    ("program", "word", "detail"),
    [
        ("def f(n): return n", "passed", ""),
        ("def f(n): return n if n != 2 else 5", "failed", "AssertionError\nassert f(2) == 2\nf(2) returned 5"),
        ("def f(n): return 1 / (n - 2) and n", "error", "ZeroDivisionError: division by zero (line 1)\nin f(2)"),
        ("import os\ndef f(n): return n if n != 2 else os._exit(0)", "gone", "ended before it answered\nin f(2)"),
        ("def f(n): return 0 if n == 1 else 1 / 0", "failed", "AssertionError\nassert f(1) == 1\nf(1) returned 0"),
        ("def f(n): yield n", "failed", "assert f(1) == 1\nf(1) returned <"),
    ],
)
def test_the_first_failing_call_decides(tried: Tried, program: str, word: str, detail: str) -> None:
    """False verdict prevented: a later call, already under way, must not speak for the one that failed."""
    found = tried(program, THREE)
    assert found[0] == word
    assert detail in found[1]


def test_iterators_can_be_read_between_and_after_foreseen_calls(tried: Tried) -> None:
    """False fail prevented: a generator that the test drains right after asserts of plain results."""
    test = "assert f(1) is not None\nassert f(2) is not None\nassert list(f(3)) == [3]\nassert f(4) != 4\nassert f(5)"
    assert tried("def f(n): yield n", test) == ("passed", "")


def test_handles_are_asked_one_at_a_time(tried: Tried) -> None:
    """False fail prevented: objects of the program's own, whose comparison asks the program."""
    test = "assert f(1) != 1\nassert f(2) != 2\nassert not f(3) == 3"
    program = "class C:\n    pass\ndef f(n): return C()"
    assert tried(program, test, classes="C") == ("passed", "")
