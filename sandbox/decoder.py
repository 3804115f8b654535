"""Bytes to values: the strict half of the codec (codec.py says what the format is).

The decoder calls one function per tag. No class, function or code is ever looked up by a name that came over the wire,
apart from the codec's fixed tables. Whatever is wrong with the input, CodecError is what it raises.
"""

import json
import re
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from codec import EXCEPTIONS, FACTORIES, LIBRARY, MAX_ITEMS, MAX_NAMES, TYPES, CodecError, library_class

_FIELD = re.compile(r"[^_].*|_[0-9]+")  # namedtuple itself makes names like _1


class Decoder:
    """Turns bytes into a message. `tags` adds functions for tags of one's own."""

    def __init__(self, tags: dict[str, Callable[[Any], Any]] | None = None) -> None:
        self._tags = {**_BUILDERS, **(tags or {})}
        self._read = json.JSONDecoder(object_hook=self._build).raw_decode

    def decode(self, data: bytes) -> Any:
        """The message in `data`. CodecError: anything at all is wrong with it."""
        if data.count(b",") + data.count(b"[") > MAX_ITEMS and _items_at_least(data) > MAX_ITEMS:
            raise CodecError(f"holds more than {MAX_ITEMS} items")
        try:
            text = data.decode("utf-8", "surrogatepass")
            message, end = self._read(text)
            if end != len(text):
                raise CodecError("goes on after its end")
            return message
        except CodecError:
            raise
        except MemoryError:
            raise CodecError("is too large to rebuild") from None
        except RecursionError:
            raise CodecError("is nested too deep") from None
        except Exception as error:  # a builder may fail in any way on hostile input: the input is at fault
            raise CodecError(f"is malformed ({type(error).__name__}: {str(error)[:200]})") from None

    def _build(self, tagged: dict[str, Any]) -> Any:
        if len(tagged) != 1:
            raise CodecError("holds an object that is not one tag")
        [(tag, content)] = tagged.items()
        builder = self._tags.get(tag)
        if builder is None:
            raise CodecError(f"holds the unknown tag {tag[:40]!r}")
        return builder(content)


def _items_at_least(data: bytes) -> int:
    bare = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", data)
    return bare.count(b",") + bare.count(b"[")


def _exact(kind: type, content: Any) -> Any:
    if type(content) is not kind:
        raise CodecError(f"holds a {type(content).__name__} where a {kind.__name__} belongs")
    return content


def _list(content: Any, length: int | None = None) -> list[Any]:
    if type(content) is not list or (length is not None and len(content) != length):
        raise CodecError("holds a tag with the wrong content")
    return content


def _int(content: Any) -> int:
    return int(_exact(str, content), 16)


def _pairs(content: Any) -> Iterable[tuple[Any, Any]]:
    keys, values = _list(content, 2)
    if len(_list(keys)) != len(_list(values)):
        raise CodecError("holds a mapping with unequal columns")
    return zip(keys, values, strict=True)


def _default(content: Any) -> Any:
    name, *columns = _list(content, 3)
    factory = None if name is None else TYPES[_exact(str, name)]
    if factory is not None and factory not in FACTORIES:
        raise CodecError("holds a default of an unknown kind")
    return defaultdict(factory, _pairs(columns))


def _counter(content: Any) -> Any:
    counter: Counter[Any] = Counter()
    dict.update(counter, _pairs(content))  # Counter.update would add the counts up
    return counter


def _mapping(content: Any) -> dict[Any, Any]:
    if not isinstance(content, dict):
        raise CodecError("holds a mapping that is none")
    return content


def _array(content: Any) -> Any:
    code, items = _list(content, 2)
    return array(_exact(str, code), _list(items))


def _bytes(content: Any) -> bytes:
    return str.encode(_exact(str, content), "latin-1")


def _complex(content: Any) -> complex:
    real, imaginary = (_exact(float, part) for part in _list(content, 2))
    return complex(real, imaginary)


def _fraction(content: Any) -> Any:
    numerator, denominator = (_exact(int, part) for part in _list(content, 2))
    return library_class("Fraction")(numerator, denominator)


def _span(content: Any) -> Any:
    return library_class("timedelta")(*_list(content, 3))


def _timezone(content: Any) -> Any:
    return None if content is None else library_class("timezone")(_span(content))


def _time_parts(content: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    *clock, fold, offset = _list(content, 6)
    return clock, {"fold": fold, "tzinfo": _timezone(offset)}


def _time(content: Any) -> Any:
    clock, rest = _time_parts(content)
    return library_class("time")(*clock, **rest)


def _datetime(content: Any) -> Any:
    clock, rest = _time_parts(_list(content, 9)[3:])
    return library_class("datetime")(*content[:3], *clock, **rest)


class _Row(tuple[Any, ...]):
    """What named tuples have in common; made without namedtuple, which runs code built from the names."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **changes: Any) -> "_Row":
        if unknown := changes.keys() - set(self._fields):
            raise ValueError(f"Got unexpected field names: {sorted(unknown)!r}")
        return type(self)((self._asdict() | changes).values())


@lru_cache(maxsize=64)
def _row_type(name: str, fields: tuple[str, ...]) -> type:
    """The class is kept for later samples: so its names are bounded."""
    known = name.isidentifier() and all(_FIELD.fullmatch(field) and field.isidentifier() for field in fields)
    if not known or len(name) > 100 or len("".join(fields)) > MAX_NAMES:
        raise CodecError("holds a named tuple with bad names")
    members = {field: property(itemgetter(index)) for index, field in enumerate(fields)}
    return type(name, (_Row,), {"__slots__": (), **members, "_fields": fields})


def _row(content: Any) -> Any:
    name, fields, values = _list(content, 3)
    if len(_list(fields)) != len(_list(values)):
        raise CodecError("holds a named tuple of the wrong length")
    return _row_type(_exact(str, name), tuple(_exact(str, field) for field in fields))(values)


def _type(content: Any) -> Any:
    name = _exact(str, content)
    return library_class(name) if name in LIBRARY else TYPES[name]


def exception(names: Any, arguments: Any) -> BaseException:
    """The exception whose closest known class is first in `names`; CodecError if none is known."""
    kind = next((EXCEPTIONS[name] for name in _list(names) if name in EXCEPTIONS), None)
    if kind is None:
        raise CodecError("names no known exception")
    made = kind(*arguments[:2]) if issubclass(kind, OSError) else kind.__new__(kind)  # it has an errno to be set
    made.args = tuple(_list(arguments))
    return made


def _ordered(kind: Callable[[Any], Any], content: Any) -> Any:
    """A set that iterates as the original does, which tests and programs can see.

    The order depends on how the hash table was filled and grew: item by item or as a copy, and in which order where
    items collide. The first way that gives the original's order is taken, if one
    does: a few sets with many collisions come in another order.
    """
    items = _list(content)
    made = kind(items)
    if list(made) == items:
        return made
    backwards = items[::-1]
    others = (kind(set(items)), kind(backwards), kind(set(backwards)))
    return next((other for other in others if list(other) == items), made)


_BUILDERS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "tuple": lambda content: tuple(_list(content)),
    "set": lambda content: _ordered(set, content),
    "frozenset": lambda content: _ordered(frozenset, content),
    "dict": lambda content: dict(_pairs(content)),
    "counter": _counter,
    "ordereddict": lambda content: OrderedDict(_pairs(content)),
    "defaultdict": _default,
    "deque": lambda content: deque(_list(_list(content, 2)[0]), content[1]),
    "keys": lambda content: dict.fromkeys(_list(content)).keys(),
    "values": lambda content: dict(enumerate(_list(content))).values(),
    "items": lambda content: dict(_pairs(content)).items(),
    "bytes": _bytes,
    "bytearray": lambda content: bytearray(_bytes(content)),
    "complex": _complex,
    "fraction": _fraction,
    "decimal": lambda content: library_class("Decimal")(_exact(str, content)),
    "range": lambda content: range(*_list(content, 3)),
    "slice": lambda content: slice(*_list(content, 3)),
    "date": lambda content: library_class("date")(*_list(content, 3)),
    "datetime": _datetime,
    "time": _time,
    "timedelta": _span,
    "timezone": _timezone,
    "namedtuple": _row,
    "ellipsis": lambda _content: ...,
    "array": _array,
    "memoryview": lambda content: memoryview(_bytes(content)),
    "mappingproxy": lambda content: MappingProxyType(_mapping(content)),
    "chainmap": lambda content: ChainMap(*map(_mapping, _list(content))),
    "userdict": lambda content: UserDict(_mapping(content)),
    "userlist": lambda content: UserList(_list(content)),
    "userstring": lambda content: UserString(_exact(str, content)),
    "type": _type,
    "exception": lambda content: exception(*_list(content, 2)),
}
