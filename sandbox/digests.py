"""What a large result is known by: the hash of its items, whose types count as much as their values.

The program computes it of its result, and the judge of the expected list, which the program never sees (or has it from
the suite): to tell the same digest it needs the same items. Lists of other digests can still be equal (1 and 1.0 are),
so those are compared item by item.
"""

import importlib
import marshal
from typing import Any

_PORTION = 4096
_VERSION = 2  # equal items have equal bytes: later versions write an object that is met again as a reference
_NAN = (b"\x7f", b"\xff")  # every NaN holds one of these bytes, most other values none


def known_by(value: Any, equal: bool = False) -> str:
    """What any result is known by: 32 hex digits after a word for its kind; "" where `digest` tells nothing."""
    kind, items = ("list", value) if type(value) is list else ("one", [value])
    told = digest(items, equal)
    return told and f"{kind}:{told[:32]}"


def digest(items: list[Any], equal: bool = False) -> str:
    """The digest of a list; "" where an item is of no plain built-in type.

    With `equal` also "" where a list of the same digest need not be equal: NaN does not equal its own copy.
    """
    summed = importlib.import_module("hashlib").sha256()  # loads megabytes, which nearly no program needs
    try:
        for start in range(0, len(items), _PORTION):
            portion = items[start : start + _PORTION]
            data = marshal.dumps(portion, _VERSION)
            if equal and any(byte in data for byte in _NAN) and marshal.loads(data) != portion:
                return ""
            summed.update(data)
    except ValueError:
        return ""
    return str(summed.hexdigest())
