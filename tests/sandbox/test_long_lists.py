"""Lists too long for one message: equal by their digest, or else compared portion by portion, never on trust."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

Tried = Callable[..., tuple[str, str]]

WANTED = "wanted = [(n, 'x' * 5000) for n in range(5000)]"
TEST = "assert f() == wanted"
TELLS = """
import sys
def f():
    sys._getframe(1).f_back.f_locals["self"]._verbs["digest"] = lambda items: {}
    return [(n, 'y' * 5000) for n in range(5000)]
"""


@pytest.mark.parametrize(
    "result",
    [
        "[(n, 'x' * 5000) for n in range(5000)]",
        "[(float(n), 'x' * 5000) for n in range(5000)]",
        "[(n, type('Text', (str,), {})('x' * 5000)) for n in range(5000)]",
    ],
    ids=["the same", "other types", "subclasses"],
)
def test_an_equal_list_passes(tried: Tried, result: str) -> None:
    """False fail prevented: a right list that no message holds, whatever of it the digest cannot tell."""
    assert tried(f"def f(): return {result}", TEST, setup=WANTED) == ("passed", "")


@pytest.mark.parametrize(
    "program",
    [
        "def f(): return [(n, 'x' * 5000) for n in range(4999)] + [(4999, 'x' * 4999 + 'y')]",
        "def f(): return [(n, 'x' * 5000) for n in range(5001)]",
        "def f(): return [(n, 'x' * 5000) for n in reversed(range(5000))]",
        TELLS.format("''"),
        TELLS.format("'0' * 64"),
        TELLS.format("items"),
    ],
)
def test_another_list_fails(tried: Tried, program: str) -> None:
    """False pass prevented: a long list that differs somewhere, or whose program tells a digest of its own choice."""
    assert tried(program, TEST, setup=WANTED)[0] == "failed"


def test_what_equals_nothing_is_not_made_equal_by_its_digest(tried: Tried) -> None:
    """False pass prevented: NaN in a long list, which has the same digest and equals no other NaN."""
    setup = "wanted = [(float('nan'), 'x' * 5000)] * 5000"
    assert tried("def f(): return [(float('nan'), 'x' * 5000)] * 5000", TEST, setup=setup)[0] == "failed"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.integers(), inner, max_size=2),
    max_leaves=6,
)


@given(st.lists(values, max_size=5), st.lists(values, max_size=5))
def test_lists_of_one_digest_are_equal(inside: SimpleNamespace, one: list[object], other: list[object]) -> None:
    """Prevents a false pass by two lists that share a digest and are not equal."""
    mine = inside.digests.digest(one, equal=True)
    assert mine in ("", inside.digests.digest(list(one)))
    if mine and mine == inside.digests.digest(other):
        assert one == other
