"""The split judge without Docker: what a test may do with a program on the other side of two pipes."""

from collections.abc import Callable
from typing import Any

import pytest

Tried = Callable[..., tuple[str, str]]
ECHO = "def f(*values): return values[0]\n"
RAISING = "try: f(1)(b=2)\nexcept ValueError as error: assert error.args == (3,)\nelse: assert 0"
LAZY = "g = f()\nnext(g)\nassert f(1) == [0]\nnext(g)\nassert f(1) == [0, 1]"


@pytest.mark.parametrize(
    ("program", "test"),
    [
        (ECHO, "assert f([1, (2, 'x')]) == [1, (2, 'x')]"),
        ("def f(*, a): return a", "assert f(a={1: 2}) == {1: 2}"),
        ("def f(kind, v): return [x for x in v if type(x) is not kind]", "assert f(int, [1, 'a']) == ['a']"),
        ("def f(g, v): return g(v) + 1", "assert f(lambda v: v * 2, 4) == 9"),
        (
            "def f(g):\n    try: g()\n    except KeyError as e: return e.args[0]",
            "def g(): raise KeyError(7)\nassert f(g) == 7",
        ),
        ("def f(): yield from (1, 2, 3)", "assert list(f()) == [1, 2, 3]"),
        ("def f(): return map(str, range(3000))", "assert sum(1 for _ in f()) == 3000"),
        ("import itertools\ndef f(): return itertools.count()", "g = f()\nassert [next(g), next(g)] == [0, 1]"),
        ("def f(v): return list(v)", "assert f(iter([1, 2])) == [1, 2]"),
        ("state = []\ndef f(v): state.append(v); return len(state)", "f(1); f(2)\nassert f(3) == 3"),
        (
            "def f(v): raise ValueError('no')",
            "try: f(1)\nexcept ValueError as e: assert str(e) == 'no'\nelse: assert 0",
        ),
        ("class E(LookupError): pass\ndef f(): raise E", "try: f()\nexcept LookupError: pass"),
        ("\ufefffrom __future__ import annotations\ndef f(v: X): return v", "assert f(1) == 1"),
        (
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: 'int' = 3\ndef f(): return P().a",
            "assert f() == 3",
        ),
        ("def f(v): return v\nif __name__ == '__main__': f(input())", "assert f(1) == 1"),
        ("class A:\n    def __call__(self, v): return v\nf = A()", "assert f(1) == 1"),
        ("def f(v):\n    import sys; sys.setrecursionlimit(60); return [[v]]", "assert f(1) == [[1]]"),
    ],
)
def test_a_right_program_passes(tried: Tried, program: str, test: str) -> None:
    """False fail prevented: a correct program whose values, callbacks, iterators or exceptions cross the split."""
    assert tried(program, test) == ("passed", "")


@pytest.mark.parametrize(
    ("program", "test"),
    [
        ("def f(a): return lambda b: a + b", "assert f(2)(3) == 5 and callable(f(2))"),
        ("def f(a):\n    def g(*, b): raise ValueError(a + b)\n    return g", RAISING),
        ("def f(): return [lambda v, n=n: v * n for n in range(3)]", "assert [g(2) for g in f()] == [0, 2, 4]"),
        ("def f(*gs): return lambda v: gs[1](gs[0](v))", "assert f(lambda v: v + 1, str)(3) == '4'"),
        ("class N: pass\nn = N()\ndef f(*v): return v[0] is n if v else n", "assert f(f())"),
        ("def f(g, n): return g(n)", "def g(n): return n * f(g, n - 1) if n else 1\nassert f(g, 5) == 120"),
        ("def f(g): return 7 if g is None else g(None)", "assert f(f) == 7"),
        ("def f(g): return g(v for v in range(5))", "assert f(sum) == 10 and f(list) == [0, 1, 2, 3, 4]"),
        (
            "def f(g):\n    if g is None: raise KeyError(1)\n    try: g()\n    except KeyError: return 1",
            "f(lambda: f(None))",
        ),
        ("def f(v): raise StopIteration", "try: f(1)\nexcept StopIteration: pass\nelse: assert 0"),
    ],
)
def test_functions_go_back_and_forth(tried: Tried, program: str, test: str) -> None:
    """False fail prevented: a program that returns a function, or whose caller's function calls it in its turn."""
    assert tried(program, test) == ("passed", "")


@pytest.mark.parametrize(
    ("program", "test"),
    [
        ("def f():\n    yield 1\n    yield 2\n    while True: pass", "g = f()\nassert [next(g), next(g)] == [1, 2]"),
        ("def f():\n    yield 1\n    yield 2\n    1 / 0", "g = f()\nassert [next(g), next(g)] == [1, 2]"),
        (
            "def f():\n    yield from range(40)\n    1 / 0",
            "got = []\ntry:\n    for v in f(): got.append(v)\nexcept ZeroDivisionError: got.append(40)\n"
            "assert got == list(range(41))",
        ),
        ("seen = []\ndef f(*v):\n    return list(seen) if v else (seen.append(n) or n for n in range(9))", LAZY),
        (
            "import itertools\ndef f(): return itertools.groupby('aab')",
            "assert [len(list(g)) for _, g in f()] == [2, 1]",
        ),
        ("import re\ndef f(): return re.finditer('a', 'b')", "assert f()"),
    ],
)
def test_iterators_are_drawn_no_further_than_the_test_asks(tried: Tried, program: str, test: str) -> None:
    """False fail prevented: a generator whose next item would take for ever, raise, or change what follows."""
    assert tried(program, test) == ("passed", "")


@pytest.mark.parametrize("name", ["len", "type", "list", "int", "set", "isinstance", "BaseException", "getattr"])
def test_a_program_may_replace_builtins_for_itself(tried: Tried, name: str) -> None:
    """False error prevented: a right program that replaces a builtin broke its own side of the conversation."""
    program = f"import builtins\nbuiltins.{name} = lambda *v: 7\ndef f(v): return [v, {name}()]"
    assert tried(program, "assert f((1, 'a')) == [(1, 'a'), 7]\nassert f(1) == [1, 7]") == ("passed", "")


@pytest.mark.parametrize("test", ["assert f('ac')", "assert not f('b')", "assert f('ac') != 'Found'", "{f('ac')}"])
def test_of_a_result_that_is_no_data_the_truth_value_crosses(tried: Tried, test: str) -> None:
    """False fail prevented: a right program that answers with a match object where a test asks whether it is true."""
    assert tried("import re\ndef f(text): return re.match('ac?', text)", test) == ("passed", "")


@pytest.mark.parametrize(
    ("word", "program", "test"),
    [
        ("failed", "def f(): return 1", "assert f() == 2"),
        ("failed", "def f(): return None", "assert f() < 2"),
        ("failed", "import itertools\ndef f(): return itertools.count()", "assert f() == [1]"),
        ("error", "def f(): raise AssertionError", "f()"),
        ("error", "def f(): return 1/0", "f()"),
        ("error", "def f(): raise StopIteration", "for got, want in zip(map(f, []), [1]): assert got == want\nf()"),
        ("error", "def f(v): raise StopIteration", "for got, want in zip(map(f, [1]), [2]): assert got == want"),
        ("error", "def f(v): raise StopIteration", "assert list(map(f, [1, 2])) == []"),
        ("failed", "import enum\nclass E(enum.Enum): A = 1\ndef f(): return E.A", "assert f() == 1"),
        ("failed", "def f(): return lambda: 1", "assert f() == f()"),
        ("failed", "import re\ndef f(): return re.match('a', 'a')", "assert callable(f())"),
        ("error", "def f(): raise SystemExit(0)", "try: f()\nexcept BaseException: pass"),
        ("error", "raise SystemExit(0)\ndef f(): return 1", "assert f() == 1"),
        ("error", "def f(): raise KeyboardInterrupt", "try: f()\nexcept: pass"),
        ("failed", "class E:\n  __eq__ = lambda *_: True\ndef f(): return E()", "assert f() == 1"),
        ("failed", "class E:\n  __ne__ = lambda *_: False\ndef f(): return [E()]", "assert f() == [1]"),
        ("failed", "class E:\n  __bool__ = lambda self: False\ndef f(): return E()", "assert f()"),
        ("error", "class E:\n  __bool__ = lambda self: 1 / 0\ndef f(): return E()", "assert f()"),
        ("error", "exec('1 +')\ndef f(): pass", "f()"),
        ("error", "def g(): pass", "f()"),
        ("error", "def f(): a = []; a.append(a); return a", "f()"),
        ("error", "import itertools\ndef f(): return itertools.repeat('x' * 9)", "list(f())"),
        ("out_of_memory", "def f(): raise MemoryError", "try: f()\nexcept Exception: pass"),
        ("compile_error", "def f(:", "f()"),
        ("compile_error", "f = 1 # \0", "f()"),
        ("compile_error", "x = " + "(" * 500, "f()"),
        ("gone", "import os\ndef f(): os._exit(0)", "try: f()\nexcept BaseException: pass"),
        ("gone", "import os\nos.closerange(3, 999)\ndef f(): return 1", "assert f() == 1"),
        ("fault check_broken", "def f(): pass", "assert f() =="),
    ],
)
def test_a_wrong_program_gets_its_verdict(tried: Tried, word: str, program: str, test: str) -> None:
    """False pass prevented: nothing that a program raises, returns or ends with can be swallowed by the test."""
    assert tried(program, test)[0] == word


def test_detail_names_the_assertion_and_the_call(tried: Tried) -> None:
    """A user sees which assertion failed and what the program returned."""
    _, detail = tried("def f(a): return a + 1", "\nassert f(3) == 5, 'off by one'")
    assert detail == "AssertionError: off by one\nassert f(3) == 5, 'off by one'\nf(3) returned 4"


def test_detail_names_what_is_missing(tried: Tried) -> None:
    """A program with another function's name is told what it defines instead."""
    assert tried("def ff(): pass", "f()")[1] == "The program does not define f; it defines ff."


def test_helpers_of_the_setup_are_not_the_candidates(tried: Tried) -> None:
    """False pass prevented: a program that overrides the helper its tests use."""
    setup = "def double(v): return 2 * v\n"
    program = "def double(v): return v\ndef f(v): return double(v)\n"
    assert tried(program, "assert f(2) == double(2)", setup=setup)[0] == "failed"


def test_a_candidate_named_like_a_builtin_leaves_the_helpers_theirs(tried: Tried) -> None:
    """False verdict prevented: `sum` under test is the candidate's in the test, the builtin's in its helpers."""
    program = "def sum(a, b): return a * b\n"
    setup = "def total(values): return sum(values)\n"
    assert (
        tried(program, "assert sum(2, 3) == 6\nassert total([2, 3]) == 5", functions="sum", setup=setup)[0] == "passed"
    )


def test_arguments_go_by_value(tried: Tried) -> None:
    """False pass prevented: a program that changes the test's own data instead of answering."""
    test = "data = [1, 2]\nf(data)\nassert data == [1, 2]"
    assert tried("def f(v): v[:] = [0]", test)[0] == "passed"


@pytest.mark.parametrize(
    ("test", "word"),
    [
        ("root = Node(1)\nroot.next = Node(2)\nassert f(root) == 3", "passed"),
        (
            "root = Node(1)\nassert root.value == 1\nassert root.double() == 2\nroot['k'] = 5\nassert root['k'] == 5",
            "passed",
        ),
        ("assert Node(1) == Node(1)", "failed"),
        ("node = Node(1)\nassert node == node", "failed"),
        ("assert Node(1)", "failed"),
        ("assert f(Node(1)) == Node(1)", "failed"),
    ],
)
def test_handles_can_be_used_but_prove_nothing(tried: Tried, test: str, word: str) -> None:
    """False pass prevented: an object of the candidate's that equals or is true as it pleases."""
    program = """
class Node:
    def __init__(self, value): self.value, self.next, self.items = value, None, {}
    def double(self): return 2 * self.value
    def __setitem__(self, key, value): self.items[key] = value
    def __getitem__(self, key): return self.items[key]
    def __eq__(self, other): return True
    def __bool__(self): return True
def f(node): return node.value + (node.next.value if node.next else 0)
"""
    assert tried(program, test, classes="Node")[0] == word


def test_a_reply_must_carry_the_nonce_of_its_call(tried: Tried, inside: Any) -> None:
    """False pass prevented: an answer written before it was asked for."""
    program = """
import gc
def f():
    for agent in gc.get_objects():
        if type(agent).__name__ == "Agent":
            agent._channel.send(agent._encoder.encode(["0" * 16, "return", 1]))
    return 0
"""
    word, detail = tried(program, "assert f() == 1")
    assert word == "odd error"
    assert "does not belong to this call" in detail


@pytest.mark.parametrize("data", [b"\xff" * 8, b"\0\0\0\3abc", b"\0\0\0\2[]", b"\0\0\0\1\xff"])
def test_malformed_frames_are_the_candidates_error(tried: Tried, data: bytes) -> None:
    """Noise, emptiness and announced gigabytes on the channel end the sample, not the judge."""
    program = f"""
import gc, os
def f():
    for agent in gc.get_objects():
        if type(agent).__name__ == "Agent":
            os.write(agent._channel.writer, {data!r})
    return 1
"""
    assert tried(program, "assert f() == 1")[0] == "odd error"
