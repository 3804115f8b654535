"""EvalPlus's rules of comparison, with numpy itself as the judge of closeness."""

import math
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

numbers = (
    st.integers(-(1 << 62), 1 << 62)
    | st.floats()
    | st.booleans()
    | st.complex_numbers(allow_nan=False, allow_infinity=False)
)
near = st.sampled_from([0.0, 1e-9, 9e-7, 1e-6, 1.1e-6, 1e-4, -1e-7, 0.5])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A nested list and another of its shape, each number the same, a little off, or another."""
    expected = draw(st.recursive(numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=6))

    def off(value: Any) -> Any:
        if isinstance(value, list):
            return [off(item) for item in value]
        return draw(st.just(value) | near.map(lambda by: value + by) | near.map(lambda by: value * (1 + by)) | numbers)

    return off(expected), expected


@given(pair=pairs(), tolerance=st.sampled_from([1e-6, 1e-4]))
@example(pair=([math.nan], [math.nan]), tolerance=1e-6)
@example(pair=([math.inf, -math.inf], [math.inf, -math.inf]), tolerance=1e-6)
@example(pair=(math.inf, 1.0), tolerance=1e-6)
@example(pair=(1.0, math.inf), tolerance=1e-6)
@example(pair=(1.28e308 + 1.28e308j, 1.27e308 + 1.28e308j), tolerance=1e-6)
@example(pair=(complex(math.inf, 1.0), 1.28e308 + 1.28e308j), tolerance=1e-6)
def test_numbers_of_one_shape_are_close_where_numpy_says_so(
    inside: SimpleNamespace, pair: tuple[Any, Any], tolerance: float
) -> None:
    """Prevents a verdict that differs from EvalPlus's for a nearly equal float, NaN, an infinity or a big int."""
    result, expected = pair
    try:
        with numpy.errstate(all="ignore"):
            theirs = bool(numpy.allclose(result, expected, rtol=1e-07, atol=tolerance))
    except (TypeError, ValueError, OverflowError):  # ragged lists, for one: what numpy refuses is wrong to EvalPlus
        return
    assert _close(inside, result, expected, tolerance) == theirs


def _close(inside: SimpleNamespace, result: Any, expected: Any, tolerance: float) -> bool:
    try:
        return bool(inside.oracles.close(result, expected, tolerance))
    except OverflowError:
        return False


@pytest.mark.parametrize(
    ("result", "expected"),
    [([[]], [[1.0]]), ([1.0], [[1.0]]), ([[1.0, 2.0]], [[1.0]]), (["a"], [1.0]), ([None], [1.0]), ("a", "b"), ({}, {})],
)
def test_other_shapes_and_other_kinds_are_not_close(inside: SimpleNamespace, result: Any, expected: Any) -> None:
    """Prevents the false pass that numpy's stretching of shapes would give: `[[]]` is not `[[1.0]]`."""
    assert not inside.oracles.close(result, expected, 1e-6)


@pytest.mark.parametrize(
    ("result", "expected", "tolerance", "verdict"),
    [
        (1, 1.0, 0, True),
        (1.0000001, 1.0, 0, False),
        (1.0000001, 1.0, 1e-6, True),
        (1, 1.0000001, 1e-6, False),
        ((1.0,), [1.0], 1e-6, False),
        ([1.0, 2.0], [1.0], 1e-6, False),
        ([1.0, 2.0000001], [1.0, 2.0], 1e-6, True),
        (True, 1, 0, True),
        ([1, 2], (1, 2), 0, False),
        (None, 0.0, 1e-6, False),
    ],
)
def test_equal_or_close_and_of_the_same_type(
    inside: SimpleNamespace, result: Any, expected: Any, tolerance: float, verdict: bool
) -> None:
    """Equality asks for no type; a tolerance does."""
    assert inside.oracles.right([], result, expected, tolerance, "") is verdict


@pytest.mark.parametrize(
    ("value", "answer"),
    [(1.0, True), ([1.0, 2.0], True), ((1.0,), True), ([], False), ([1.0, 1], False), (1, False), ({1.0}, False)],
)
def test_floats_are_a_float_or_a_list_of_nothing_else(inside: SimpleNamespace, value: Any, answer: bool) -> None:
    """They switch EvalPlus's tolerance on."""
    assert inside.oracles.is_floats(value) is answer


@pytest.mark.parametrize(
    ("oracle", "arguments", "result", "expected", "verdict"),
    [
        ("root", [[-1, 1]], 1.00009, None, True),
        ("root", [[-1, 1]], 1.001, None, False),
        ("root", [[-1, 1]], math.nan, None, False),
        ("same_set", [], [2, 1, 1], (1, 2), True),
        ("same_set", [], [1], (1, 2), False),
        ("not_none", [], True, True, True),
        ("not_none", [], False, True, False),
        ("not_none", [], "match", True, True),
        ("not_none", [], "match", False, False),
        ("not_none", [], None, False, True),
        ("or_padded_digits", [12345, 9], 14, 8, True),
        ("or_padded_digits", [12345, 9], 8, 8, True),
        ("or_padded_digits", [12345, 9], 9, 8, False),
        ("or_height", [3, 4], 35, 33, True),
        ("or_height", [3, 4], 33, 33, True),
        ("or_height", [3, 4], 34, 33, False),
    ],
)
def test_rules_of_single_problems(  # noqa: PLR0917 - one row of the table
    inside: SimpleNamespace, oracle: str, arguments: Any, result: Any, expected: Any, verdict: bool
) -> None:
    """Prevents a false fail where EvalPlus allows several answers, and a false pass where none of them is given."""
    assert inside.oracles.right(arguments, result, expected, 1e-4 if oracle == "root" else 0, oracle) is verdict


def checked(inside: SimpleNamespace, results: list[Any], expected: list[Any], tolerance: float = 0) -> bool:
    """Whether results pass as those of one problem with one base input."""
    function = SimpleNamespace(each=lambda inputs: iter([results[number] for [number] in inputs]))
    cases = inside.oracles.Cases([[number] for number in range(len(results))], expected, 1, tolerance)
    try:
        cases.check_base(function)
        cases.check_plus(function)
    except AssertionError:
        return False
    return True


def test_a_tolerance_stays_from_the_first_floats_on(inside: SimpleNamespace) -> None:
    """As in EvalPlus, whose variable is set once; base and plus inputs each begin anew."""
    assert checked(inside, [0, 1.0, [1, 2.0000001]], [0, 1.0, [1, 2.0]])
    assert not checked(inside, [0, [1, 2.0000001], 1.0], [0, [1, 2.0], 1.0])
    assert not checked(inside, [1.0, [1, 2.0000001]], [1.0, [1, 2.0]])


def test_a_result_too_few_is_an_error(inside: SimpleNamespace) -> None:
    """A false pass prevented: the loop over results never ends before the one over inputs does."""
    function = SimpleNamespace(each=lambda inputs: iter([]))
    with pytest.raises(ValueError, match="shorter"):
        inside.oracles.Cases([[1]], [1], 0, 0).check_plus(function)
