"""Results known by a digest: right without being computed or sent, and never on a program's word alone."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.test_long_lists import values

Tried = Callable[..., tuple[str, str]]

TEST = "__cases__.check_base(f)\n__stage__()\n__cases__.check_plus(f)\n"
RIGHT = "def f(n): return list(range(n))"


@pytest.fixture
def setup(inside: SimpleNamespace) -> Callable[..., str]:
    """The setup of four calls of which the last three results are known, for a reference with that body."""

    def build(body: str = "return list(range(n))") -> str:
        known = ["-", *(inside.digests.known_by(list(range(n))) for n in (3, 4, 5000))]
        return (
            f"inputs = [[2], [3], [4], [5000]]\ndef ref_func(n):\n    {body}\n"
            f"__cases__ = Cases(inputs, Computed(ref_func, {known}), 2, 0)\n"
        )

    return build


def test_who_tells_the_same_passes_and_the_reference_is_asked_for_the_rest_only(
    tried: Tried, setup: Callable[..., str]
) -> None:
    """A right answer to a known input costs the judge nothing: the reference here knows no other input than 2."""
    assert tried(RIGHT, TEST, setup=setup("assert n == 2, n; return [0, 1]")) == ("passed", "")


@pytest.mark.parametrize(
    "program",
    [
        "def f(n): return [float(i) for i in range(n)]",
        "def f(n): return [type('Number', (int,), {})(i) for i in range(n)]",
        "def f(n): return type('Items', (list,), {})(range(n))",
    ],
    ids=["other types", "subclasses", "another class of list"],
)
def test_an_equal_result_that_the_digest_cannot_tell_passes(
    tried: Tried, setup: Callable[..., str], program: str
) -> None:
    """False fail prevented: a result of other types than the reference's that equals it all the same."""
    assert tried(program, TEST, setup=setup()) == ("passed", "")


@pytest.mark.parametrize(
    "program",
    [
        "def f(n): return list(range(n - (n == 4)))",
        "def f(n): return tuple(range(n))",
        "def f(n): return [list(range(n))] if n > 2 else [0, 1]",
        "def f(n): return list(range(n)) if n < 5000 else [*range(4999), 5000]",
        "def f(n): return list(range(n)) if n < 5000 else 'list:0'",
    ],
)
def test_another_result_fails(tried: Tried, setup: Callable[..., str], program: str) -> None:
    """False pass prevented: a result that differs from the reference's in value, kind or length."""
    assert tried(program, TEST, setup=setup())[0] == "failed"


@pytest.mark.parametrize("told", ["''", "'-'", "'list:' + '0' * 32", "value", "None", "[word]"])
def test_a_program_that_tells_what_it_likes_wins_nothing(tried: Tried, setup: Callable[..., str], told: str) -> None:
    """False pass prevented: a program that takes over what tells digests still does not know the right one."""
    program = f"""
import sys
def f(n):
    agent = sys._getframe(2).f_locals["self"]
    word = "list:" + "1" * 32
    agent._verbs["tell"] = lambda target, arguments: setattr(agent, "_result", value) or {told}
    value = [7] * n
    return value if n > 2 else [0, 1]
"""
    assert tried(program, TEST, setup=setup())[0] == "failed"


def test_arguments_that_a_program_changes_are_its_own(tried: Tried) -> None:
    """Prevents a false verdict by a reference that is given what the program has made of the arguments."""
    setup = (
        "def ref_func(items): return sum(items)\n"
        "__cases__ = Cases([[[1, 2]], [[3, 4]]], Computed(ref_func, ['-', 'one:0']), 1, 0)\n"
    )
    program = "def f(items):\n    total = sum(items)\n    items.clear()\n    return total"
    assert tried(program, TEST, setup=setup) == ("passed", "")


def test_what_a_call_raises_is_told_as_ever(tried: Tried, setup: Callable[..., str]) -> None:
    """The verdict and the failing call are those of a call whose result is not known."""
    verdict, detail = tried("def f(n): return [0, 1] if n == 2 else 1 // 0", TEST, setup=setup())
    assert verdict == "error"
    assert detail.startswith("ZeroDivisionError")
    assert detail.endswith("in f(3)")


@given(values, values)
def test_results_known_by_the_same_are_equal(inside: SimpleNamespace, one: object, other: object) -> None:
    """Prevents a false pass by two results that share a digest and are not equal."""
    mine = inside.digests.known_by(one, equal=True)
    if mine and mine == inside.digests.known_by(other):
        assert one == other
        assert type(one) is type(other)


@given(st.lists(values, max_size=3))
def test_a_list_and_its_only_item_are_not_taken_for_each_other(inside: SimpleNamespace, items: list[object]) -> None:
    """Prevents a false pass of `[x]` where `x` is right: digests are of lists in both cases."""
    assert inside.digests.known_by(items) == "" or inside.digests.known_by(items) != inside.digests.known_by([items])
