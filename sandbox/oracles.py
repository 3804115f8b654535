"""When a result counts as right in HumanEval+ and MBPP+: EvalPlus's rules, without numpy.

Source: evalplus 0.3.1, `evalplus/eval/__init__.py` (unsafe_execute) and `_special_oracle.py`. A result is right if it
equals the expected one; else, where a tolerance is in force, if it is of the same type and length and close by numpy's
rule, |result - expected| <= tolerance + 1e-7 * |expected|, in every number. The tolerance is the problem's own; where
that is 0, it is 1e-6 from the first expected float (or list or tuple of floats) on, as EvalPlus keeps it.

One rule is stricter. numpy stretches a shape to fit another, so that `[[]]` is close to `[[1.0]]`; here the shapes of
nested lists must agree.
"""

import cmath
import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import starmap
from typing import Any, NamedTuple

from session import KNOWN

_RELATIVE = 1e-07
_FLOATS = 1e-6
_UNKNOWN = "-"
_INT64 = range(-(1 << 63), 1 << 63)
_NUMBERS = (bool, int, float, complex)

Oracle = Callable[[Sequence[Any], Any, Any, float], bool]
"""(arguments, result, expected, tolerance) to: is it right by a rule of its own?"""


class Computed(NamedTuple):
    """Expected results that a function computes from the arguments.

    `known`, if it is given, has for each what it is known by (digests.py), "-" where nothing tells it. A program that
    tells the same has the very result, which then need be neither computed nor sent.
    """

    function: Callable[..., Any]
    known: Sequence[str] = ()


class Cases:
    """The calls of one problem with what they must return, the first `base` of them the original suite's.

    `expected` is a list, or a function that computes each from the arguments. Values of the latter kind are large, and
    results of rule `same_set` may be iterators: such calls are made one by one, others ahead of replies.
    """

    def __init__(
        self,
        inputs: list[Sequence[Any]],
        expected: list[Any] | Computed,
        base: int,
        tolerance: float,
        oracle: str = "",
    ) -> None:
        self._inputs = inputs
        self._expected = expected
        self._base = base
        self._tolerance = tolerance
        self._oracle = oracle

    def check_base(self, function: Any) -> None:
        """AssertionError: a result of the first `base` calls is wrong. Whatever else the function raises."""
        self._check(function, slice(self._base))

    def check_plus(self, function: Any) -> None:
        """The same for the other calls."""
        self._check(function, slice(self._base, None))

    def _check(self, function: Any, part: slice) -> None:
        tolerance = self._tolerance
        for arguments, wanted, result in self._results(function, part):
            tolerance = tolerance or (_FLOATS if is_floats(wanted) else 0)
            if not right(arguments, result, wanted, tolerance, self._oracle):
                raise AssertionError(f"expected {_short(wanted)}")

    def _results(self, function: Any, part: slice) -> Iterable[tuple[Sequence[Any], Any, Any]]:
        """Arguments, what they must return, and what they returned, of the calls whose results are to be compared."""
        inputs = self._inputs[part]
        if isinstance(self._expected, list):
            results = starmap(function, inputs) if self._oracle == "same_set" else function.each(inputs)
            yield from zip(inputs, self._expected[part], results, strict=True)
            return
        reference, known = self._expected
        for arguments, word in zip(inputs, known[part] or [_UNKNOWN] * len(inputs), strict=True):
            result = function.unless(word, arguments) if word != _UNKNOWN else function(*arguments)
            if result is not KNOWN:
                yield arguments, reference(*deepcopy(arguments)), result


def right(arguments: Sequence[Any], result: Any, expected: Any, tolerance: float, oracle: str) -> bool:
    """Whether a result counts as right; the module's docstring has the rules. Raises where it cannot be compared."""
    if oracle == "root":
        return ORACLES[oracle](arguments, result, expected, tolerance)
    exact = bool(result == expected)
    if oracle in _INSTEAD:
        exact = ORACLES[oracle](arguments, result, expected, tolerance)
    elif oracle:
        exact = exact or ORACLES[oracle](arguments, result, expected, tolerance)
    return exact or (tolerance != 0 and alike(result, expected) and close(result, expected, tolerance))


def is_floats(value: Any) -> bool:
    """A float, or a list or tuple that holds floats only and at least one."""
    if isinstance(value, (list, tuple)) and value:
        return all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def alike(result: Any, expected: Any) -> bool:
    """Of the same type and, where they are lists or tuples, the same length."""
    if type(result) is not type(expected):
        return False
    return not isinstance(expected, (list, tuple)) or len(result) == len(expected)


def close(result: Any, expected: Any, tolerance: float) -> bool:
    """numpy.allclose(result, expected, rtol=1e-07, atol=tolerance) for numbers and nested lists of one shape.

    False for anything else: numpy raises there. NaN is close to nothing, an infinity to itself.
    """
    if isinstance(expected, (list, tuple)):
        pairs = isinstance(result, (list, tuple)) and len(result) == len(expected)
        return pairs and all(close(one, other, tolerance) for one, other in zip(result, expected, strict=True))
    if type(result) not in _NUMBERS or type(expected) not in _NUMBERS:
        return False
    if type(expected) is int and expected not in _INT64:
        return False
    return bool(result == expected) or _near(_inexact(result), _inexact(expected), tolerance)


def _near(result: Any, expected: Any, tolerance: float) -> bool:
    return cmath.isfinite(expected) and _size(result - expected) <= tolerance + _RELATIVE * _size(expected)


def _size(number: Any) -> float:
    return math.hypot(number.real, number.imag)  # infinite as with numpy, where abs() of a large complex raises


def _inexact(number: Any) -> float | complex:
    return number if type(number) is complex else float(number)


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, (list, tuple, dict, set, str)) or len(value) <= 50 else ""
    return text[:200] or f"<{type(value).__name__} of {len(value)}>"


# --- rules of single problems -----------------------------------------------------------------------------------------


def _root(arguments: Sequence[Any], result: Any, _expected: Any, tolerance: float) -> bool:
    """HumanEval/32: any root of the polynomial will do."""
    [coefficients] = arguments
    return abs(sum(factor * math.pow(result, power) for power, factor in enumerate(coefficients))) <= tolerance


def _same_set(_arguments: Sequence[Any], result: Any, expected: Any, _tolerance: float) -> bool:
    return set(result) == set(expected)


def _not_none(_arguments: Sequence[Any], result: Any, expected: Any, _tolerance: float) -> bool:
    """The reference answers with a match or None, and the data says which: a result that is no bool is None or not."""
    return bool(expected == (result if isinstance(result, bool) else result is not None))


def _height(arguments: Sequence[Any], result: Any, _expected: Any, tolerance: float) -> bool:
    """Mbpp/581 where the height is the pyramid's own and not that of its faces."""
    edge, height = arguments
    slant = math.sqrt((edge / 2) ** 2 + height**2)
    return bool(abs(result - round(edge**2 + 4 * (edge * slant) / 2)) <= tolerance)


def _padded_digits(arguments: Sequence[Any], result: Any, _expected: Any, _tolerance: float) -> bool:
    """Mbpp/558 where the shorter number is filled up with zeros."""
    one, other = map(str, arguments)
    length = max(len(one), len(other))
    pairs = zip(one.zfill(length), other.zfill(length), strict=True)
    return bool(result == sum(abs(int(digit) - int(another)) for digit, another in pairs))


ORACLES: dict[str, Oracle] = {
    "root": _root,
    "same_set": _same_set,
    "not_none": _not_none,
    "or_height": _height,
    "or_padded_digits": _padded_digits,
}
_INSTEAD = ("same_set", "not_none")
