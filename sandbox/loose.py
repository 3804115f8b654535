"""Equality as JavaScript's `assert.deepEqual` has it, on values written as JSON (languages/js/wire.js)."""

import json
import math
from typing import Any

_NOTHING = ({"$": "undefined"}, None)


def equal(got: str, right: str) -> bool:
    """Whether two results are loosely equal. ValueError, RecursionError: one of them is no such JSON."""
    return _equal(json.loads(got), json.loads(right))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if _is_object(one) and _is_object(other):
        return one["$"] == other["$"] and _equal(one.get("v", []), other.get("v", []))
    if isinstance(one, list) or isinstance(other, list) or _is_object(one) or _is_object(other):
        return False
    if one in _NOTHING or other in _NOTHING:
        return one in _NOTHING and other in _NOTHING
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    left, right = _number(one), _number(other)
    return left == right or (one == other == {"$": "NaN"})


def _is_object(value: Any) -> bool:
    """Anything that JavaScript compares by its parts."""
    return isinstance(value, dict) and "v" in value and value["$"] != "bigint"


def _number(value: Any) -> float | int:
    """JavaScript's Number(value); NaN, which equals nothing, for what is none."""
    match value:
        case bool() | int() | float():
            return value
        case {"$": "bigint", "v": str(digits)}:
            return int(digits)
        case {"$": "Infinity" | "-Infinity" as name}:
            return float(name)
        case str():
            try:
                return float(value.strip() or "0")
            except ValueError:
                pass
    return math.nan
