"""Values as data: what crosses between judge and candidate, rebuilt from exact built-in types and nothing else.

A value is JSON. Plain values (None, bool, float, str, small int, list) stand for themselves; every other kind is an
object with one key, its tag: {"tuple": [1, 2]}, {"dict": [[keys], [values]]}. The decoder calls one strict function per
tag; no class, function or code is ever looked up by a name that came over the wire, apart from the fixed tables below.
A value of a subclass goes as its built-in base, read by the base's own methods, so that nothing overridden is run.
Both sides may add tags of their own (callbacks, iterators, handles). Any malformed input raises CodecError.
"""

import builtins
import json.encoder
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter
from typing import Any

_c_make_encoder = json.encoder.c_make_encoder
_encode_string = json.encoder.encode_basestring

MAX_BYTES = 16 << 20
MAX_DEPTH = 200
MAX_ITEMS = 2_000_000

_BIG = 1 << 256
_PLAIN = frozenset((type(None), bool, float, str))
_INTS = frozenset((int,))
_SLICE = slice(None)

TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(object, type, type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, range, slice),
        *(dict, set, frozenset, deque, Counter, OrderedDict, defaultdict),
        *(date, datetime, time, timedelta, Decimal, Fraction),
        *(value for value in vars(builtins).values() if isinstance(value, type) and issubclass(value, BaseException)),
    )
}
_TYPE_NAMES = {kind: name for name, kind in TYPES.items()}
EXCEPTIONS = {
    name: kind
    for name, kind in TYPES.items()
    if issubclass(kind, BaseException) and not issubclass(kind, BaseExceptionGroup)
}
_FACTORIES = {kind for kind in TYPES.values() if kind in (int, float, str, list, dict, set, tuple, bool)}


class CodecError(Exception):
    """The value cannot be sent, or the bytes are no value; the message says which."""


class Encoder:
    """Turns values into bytes. `other(value)` gives a tagged object for a value without a rule, or raises CodecError."""

    def __init__(self, other: Callable[[Any], dict[str, Any]] | None = None) -> None:
        self._other = other or _refuse
        # JSONEncoder makes this object anew for every message, which costs more than most messages
        self._write = _c_make_encoder(None, _unreachable, _encode_string, None, ":", ",", False, False, True)

    def encode(self, message: list[Any]) -> bytes:
        """The bytes of a message whose values have been packed. CodecError: it is too large."""
        try:
            data = "".join(self._write(message, 0)).encode("utf-8", "surrogatepass")
        except (ValueError, TypeError) as error:  # a list that changed under the encoder's hands
            raise CodecError(f"cannot be written: {error}") from None
        if len(data) > MAX_BYTES:
            raise CodecError(f"is larger than {MAX_BYTES >> 20} MiB")
        return data

    def pack(self, value: Any, depth: int = 0) -> Any:
        """`value` as JSON. CodecError: no rule for its type, nested too deep (or in itself), too many items."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if -_BIG < value < _BIG else {"int": hex(value)}
        if kind is list:
            return self._items(value, depth)
        if depth > MAX_DEPTH:
            raise CodecError(f"is nested more than {MAX_DEPTH} deep")
        rule = _RULES.get(kind)
        return rule(self, value, depth) if rule else self._inherited(kind, value, depth)

    def _items(self, values: list[Any], depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise CodecError(f"is nested more than {MAX_DEPTH} deep")
        if len(values) > MAX_ITEMS:
            raise CodecError(f"has more than {MAX_ITEMS} items")
        kinds = set(map(type, values))
        if kinds <= _PLAIN or (kinds == _INTS and max(values) < _BIG and min(values) > -_BIG):
            return values
        return [self.pack(value, depth + 1) for value in values]

    def _inherited(self, kind: type, value: Any, depth: int) -> Any:
        """A subclass as its built-in base; an Enum member of a plain kind is its value by this rule."""
        if issubclass(kind, tuple) and (fields := _field_names(kind)) is not None:
            return {"namedtuple": [str(kind.__name__), fields, self._items(list(tuple.__iter__(value)), depth + 1)]}
        if issubclass(kind, type):
            return self._other(value)
        for base in kind.__mro__[1:]:
            if base in _BASES:
                return self.pack(_BASES[base](value), depth)
            if base in _RULES:
                return _RULES[base](self, value, depth)
        if issubclass(kind, Enum) and type(value.value) in (int, str):
            return self.pack(value.value, depth)
        return self._other(value)


def _unreachable(value: Any) -> Any:
    raise TypeError(f"a {type(value).__name__} was not packed")


def _refuse(value: Any) -> dict[str, Any]:
    raise CodecError(f"is of type {type(value).__name__!r}, which cannot be sent as data")


def _field_names(kind: type) -> list[str] | None:
    fields = getattr(kind, "_fields", None)
    return list(fields) if type(fields) is tuple and all(type(name) is str for name in fields) else None


# Exact value of a subclass's instance, read by the base's own methods.
_BASES: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: float.__float__,
    str: str.__str__,
    list: lambda value: list.__getitem__(value, _SLICE),
}


def _sequence(tag: str, read: Callable[[Any], Iterable[Any]]) -> Callable[[Encoder, Any, int], Any]:
    return lambda encoder, value, depth: {tag: encoder._items(list(read(value)), depth + 1)}


def _mapping(tag: str, base: type) -> Callable[[Encoder, Any, int], Any]:
    def rule(encoder: Encoder, value: Any, depth: int) -> Any:
        pairs = list(base.items(value))  # type: ignore[attr-defined]
        return {tag: _columns(encoder, pairs, depth)}

    return rule


def _columns(encoder: Encoder, pairs: list[tuple[Any, Any]], depth: int) -> list[Any]:
    return [encoder._items([pair[column] for pair in pairs], depth + 1) for column in (0, 1)]


def _pack_default(encoder: Encoder, value: Any, depth: int) -> Any:
    factory = value.default_factory
    name = factory.__name__ if factory in _FACTORIES else None
    return {"defaultdict": [name, *_columns(encoder, list(dict.items(value)), depth)]}


def _pack_type(encoder: Encoder, value: Any, _depth: int) -> Any:
    return {"type": _TYPE_NAMES[value]} if value in _TYPE_NAMES else encoder._other(value)


def _offset(value: Any) -> list[int] | None:
    offset = value.utcoffset()
    return None if offset is None else [offset.days, offset.seconds, offset.microseconds]


def _clock(value: Any) -> list[Any]:
    return [value.hour, value.minute, value.second, value.microsecond, value.fold, _offset(value)]


def _pack_exception(encoder: Encoder, value: BaseException, depth: int) -> Any:
    return {"exception": [exception_names(type(value)), encoder._items(list(value.args), depth + 1)]}


def exception_names(kind: type[BaseException]) -> list[str]:
    """The built-in classes that an exception class is or inherits from, the closest first."""
    return [base.__name__ for base in kind.__mro__ if EXCEPTIONS.get(base.__name__) is base]


_RULES: dict[type, Callable[[Encoder, Any, int], Any]] = {
    tuple: _sequence("tuple", tuple.__iter__),
    set: _sequence("set", set.__iter__),
    frozenset: _sequence("frozenset", frozenset.__iter__),
    dict: _mapping("dict", dict),
    Counter: _mapping("counter", dict),
    OrderedDict: _mapping("ordereddict", OrderedDict),
    defaultdict: _pack_default,
    deque: lambda encoder, value, depth: {
        "deque": [encoder._items(list(deque.__iter__(value)), depth + 1), value.maxlen]
    },
    type({}.keys()): _sequence("keys", iter),
    type({}.values()): _sequence("values", iter),
    type({}.items()): lambda encoder, value, depth: {"items": _columns(encoder, list(value), depth)},
    bytes: lambda _e, value, _d: {"bytes": bytes.decode(value, "latin-1")},
    bytearray: lambda _e, value, _d: {"bytearray": bytearray.decode(value, "latin-1")},
    complex: lambda _e, value, _d: {"complex": [float(value.real), float(value.imag)]},
    Fraction: lambda encoder, value, depth: {"fraction": encoder._items([value.numerator, value.denominator], depth)},
    Decimal: lambda _e, value, _d: {"decimal": Decimal.__str__(value)},
    range: lambda encoder, value, depth: {"range": encoder._items([value.start, value.stop, value.step], depth)},
    slice: lambda encoder, value, depth: {"slice": encoder._items([value.start, value.stop, value.step], depth)},
    date: lambda _e, value, _d: {"date": [value.year, value.month, value.day]},
    datetime: lambda _e, value, _d: {"datetime": [value.year, value.month, value.day, *_clock(value)]},
    time: lambda _e, value, _d: {"time": _clock(value)},
    timedelta: lambda _e, value, _d: {"timedelta": [value.days, value.seconds, value.microseconds]},
    timezone: lambda _e, value, _d: {"timezone": _offset(datetime(2000, 1, 1, tzinfo=value))},
    type(...): lambda _e, _v, _d: {"ellipsis": None},
    type: _pack_type,
    BaseException: _pack_exception,
}


# --- decoding ---------------------------------------------------------------------------------------------------------


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
    if factory is not None and factory not in _FACTORIES:
        raise CodecError("holds a default of an unknown kind")
    return defaultdict(factory, _pairs(columns))


def _counter(content: Any) -> Any:
    counter: Counter[Any] = Counter()
    dict.update(counter, _pairs(content))  # Counter.update would add the counts up
    return counter


def _bytes(content: Any) -> bytes:
    return str.encode(_exact(str, content), "latin-1")


def _complex(content: Any) -> complex:
    real, imaginary = (_exact(float, part) for part in _list(content, 2))
    return complex(real, imaginary)


def _fraction(content: Any) -> Fraction:
    numerator, denominator = (_exact(int, part) for part in _list(content, 2))
    return Fraction(numerator, denominator)


def _span(content: Any) -> timedelta:
    return timedelta(*_list(content, 3))


def _timezone(content: Any) -> timezone | None:
    return None if content is None else timezone(_span(content))


def _time_parts(content: list[Any]) -> tuple[list[int], dict[str, Any]]:
    *clock, fold, offset = _list(content, 6)
    return clock, {"fold": fold, "tzinfo": _timezone(offset)}


def _time(content: Any) -> time:
    clock, rest = _time_parts(content)
    return time(*clock, **rest)


def _datetime(content: Any) -> datetime:
    clock, rest = _time_parts(_list(content, 9)[3:])
    return datetime(*content[:3], *clock, **rest)


@lru_cache(maxsize=64)
def _row_type(name: str, fields: tuple[str, ...]) -> type:
    """A tuple whose items also have names; made without namedtuple, which runs code built from the names."""
    if not all(field.isidentifier() and not field.startswith("_") for field in (*fields, name.lstrip("_"))):
        raise CodecError("holds a named tuple with bad names")
    members = {field: property(itemgetter(index)) for index, field in enumerate(fields)}
    return type(name, (tuple,), {"__slots__": (), **members, "_fields": fields})


def _row(content: Any) -> Any:
    name, fields, values = _list(content, 3)
    if len(_list(fields)) != len(_list(values)):
        raise CodecError("holds a named tuple of the wrong length")
    return _row_type(_exact(str, name), tuple(_exact(str, field) for field in fields))(values)


def _type(content: Any) -> type:
    return TYPES[_exact(str, content)]


def exception(names: Any, arguments: Any) -> BaseException:
    """The exception whose closest known class is first in `names`; CodecError if none is known."""
    kind = next((EXCEPTIONS[name] for name in _list(names) if name in EXCEPTIONS), None)
    if kind is None:
        raise CodecError("names no known exception")
    made = kind.__new__(kind)
    made.args = tuple(_list(arguments))
    return made


_BUILDERS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "tuple": lambda content: tuple(_list(content)),
    "set": lambda content: set(_list(content)),
    "frozenset": lambda content: frozenset(_list(content)),
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
    "decimal": lambda content: Decimal(_exact(str, content)),
    "range": lambda content: range(*_list(content, 3)),
    "slice": lambda content: slice(*_list(content, 3)),
    "date": lambda content: date(*_list(content, 3)),
    "datetime": _datetime,
    "time": _time,
    "timedelta": _span,
    "timezone": _timezone,
    "namedtuple": _row,
    "ellipsis": lambda content: ...,
    "type": _type,
    "exception": lambda content: exception(*_list(content, 2)),
}
