"""Names of the candidate's that tests use."""

import pytest

from harness.suites.calls import candidate_names


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("assert add(1, 2) == 3", ("add",)),
        ("assert set(shared((1, 2), (2, 3))) == set((2,))", ("shared",)),
        ("assert list(map(twice, [1])) == [2]", ("twice",)),
        ("assert first(second(1)) == second(first(1))", ("first", "second")),
        ("import math\nassert math.isclose(area(2), math.pi)", ("area",)),
        ("from math import isclose as near\nassert near(area(2), 3)", ("area",)),
        ("values = [1]\nassert total(values) == sum(x for x in values)", ("total",)),
        ("def same(a, b):\n    return a == b\nassert same(half(4), 2)", ("half",)),
        ("assert (lambda value: value)(half(4)) == 2", ("half",)),
        ("assert pairs([Pair(1, 2)]) == 1", ("pairs", "Pair")),
        ("assert sum([1]) == len([1])", ()),
    ],
)
def test_used_names_are_found(test: str, expected: tuple[str, ...]) -> None:
    """Calls, nested calls and functions passed on count; built-ins, imports and bound names do not."""
    assert candidate_names(test) == expected


def test_a_name_bound_by_the_setup_is_not_the_candidates() -> None:
    """What the setup builds from the candidate's class is a value of the tests."""
    assert candidate_names("assert depth(root) == 1", setup="root = Node(1)") == ("Node", "depth")


def test_a_function_named_like_a_built_in_is_the_candidates() -> None:
    """Prevents a false pass of any answer to MBPP/126: its `sum` would be Python's own, not the candidate's."""
    assert candidate_names("assert sum(10, 15) == 6", reference="def sum(a, b):\n    return 6") == ("sum",)


def test_a_helper_of_the_reference_does_not_matter() -> None:
    """Only names that the tests use are asked of the candidate."""
    assert candidate_names("assert f(1) == max(1, 0)", reference="def f(x):\n    return g(x)\ndef g(x): ...") == ("f",)


def test_tests_that_are_not_python_are_an_error() -> None:
    """Broken tests are never taken for tests without calls."""
    with pytest.raises(SyntaxError):
        candidate_names("assert f(1 ==")


def test_odd_escapes_in_tests_warn_nobody() -> None:
    """A data set's invalid escape sequence is read as Python reads it, without a warning."""
    assert candidate_names(r"assert f('\d') == '\d'") == ("f",)
