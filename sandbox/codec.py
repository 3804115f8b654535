"""Values as data: what crosses between judge and candidate. This half packs and encodes, decoder.py rebuilds.

A value is JSON. Plain values (None, bool, float, str, small int, list) stand for themselves; every other kind is an
object with one key, its tag: {"tuple": [1, 2]}, {"dict": [[keys], [values]]}. A value of a subclass goes as its
built-in base, read by the base's own methods, so that nothing overridden is run. Both sides add tags of their own
(callbacks, iterators, handles). Nothing here is trusted: it also runs inside the candidate.

Classes of `LIBRARY` are not imported before a value of theirs is met: few programs use them, and every program would be
forked with them.
"""

import builtins
import importlib
import json.encoder
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

_c_make_encoder = json.encoder.c_make_encoder  # type: ignore[attr-defined]
_encode_string = json.encoder.encode_basestring

MAX_BYTES = 16 << 20
MAX_DEPTH = 200
MAX_ITEMS = 2_000_000
MAX_NAMES = 10_000

_BIG = 1 << 256
_PLAIN = frozenset((type(None), bool, float, str))
_INTS = frozenset((int,))
_SLICE = slice(None)

_VALUE_TYPES: tuple[type, ...] = (
    *(object, type, type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, range, slice),
    *(dict, set, frozenset, deque, Counter, OrderedDict, defaultdict),
)
LIBRARY = {
    **dict.fromkeys(("date", "datetime", "time", "timedelta", "timezone"), "datetime"),
    "Decimal": "decimal",
    "Fraction": "fractions",
}
EXCEPTIONS: dict[str, type[BaseException]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException) and not issubclass(kind, BaseExceptionGroup)
}
TYPES: dict[str, type] = {kind.__name__: kind for kind in (*_VALUE_TYPES, *EXCEPTIONS.values())}
_TYPE_NAMES = {kind: name for name, kind in TYPES.items()}
FACTORIES = {kind for kind in TYPES.values() if kind in (int, float, str, list, dict, set, tuple, bool)}


def library_class(name: str) -> Any:
    """A class of `LIBRARY` by its name. KeyError: it is none of them."""
    return getattr(importlib.import_module(LIBRARY[name]), name)


def _is_library_class(kind: type) -> bool:
    module = LIBRARY.get(kind.__name__)
    return module is not None and module == str(kind.__module__)


class CodecError(Exception):
    """The value cannot be sent, or the bytes are no value; the message says which."""


class Encoder:
    """Turns values into bytes. `other(value)` tags a value that has no rule, or raises CodecError."""

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
        """A subclass as its built-in base; a member of an IntEnum or StrEnum is its value by this rule."""
        if issubclass(kind, tuple) and (fields := _field_names(kind)) is not None:
            row = self._items(list(tuple.__iter__(value)), depth + 1)
            return {"namedtuple": [str(kind.__name__)[:100], fields, row]}
        if issubclass(kind, type):
            return self._other(value)
        for base in kind.__mro__:
            if base in _BASES:
                return self.pack(_BASES[base](value), depth)
            if rule := _RULES.get(base) or (_is_library_class(base) and _LIBRARY_RULES[base.__name__]):
                return rule(self, value, depth)
        return self._other(value)


def _unreachable(value: Any) -> Any:
    raise TypeError(f"a {type(value).__name__} was not packed")


def _refuse(value: Any) -> dict[str, Any]:
    raise CodecError(f"is of type {type(value).__name__!r}, which cannot be sent as data")


def _field_names(kind: type) -> list[str] | None:
    fields = getattr(kind, "_fields", None)
    if type(fields) is not tuple or not all(type(name) is str for name in fields):
        return None
    return list(fields) if len("".join(fields)) <= MAX_NAMES else None


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
    name = factory.__name__ if factory in FACTORIES else None
    return {"defaultdict": [name, *_columns(encoder, list(dict.items(value)), depth)]}


def _pack_type(encoder: Encoder, value: Any, _depth: int) -> Any:
    name = value.__name__ if _is_library_class(value) else _TYPE_NAMES.get(value)
    return {"type": name} if name else encoder._other(value)


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
    range: lambda encoder, value, depth: {"range": encoder._items([value.start, value.stop, value.step], depth)},
    slice: lambda encoder, value, depth: {"slice": encoder._items([value.start, value.stop, value.step], depth)},
    type(...): lambda _e, _v, _d: {"ellipsis": None},
    array: lambda encoder, value, depth: {"array": [value.typecode, encoder._items(array.tolist(value), depth)]},
    memoryview: lambda _e, value, _d: {"memoryview": bytes.decode(value.tobytes(), "latin-1")},
    MappingProxyType: lambda encoder, value, depth: {"mappingproxy": encoder.pack(dict(value), depth + 1)},
    ChainMap: lambda encoder, value, depth: {"chainmap": encoder._items(list(value.maps), depth + 1)},
    UserDict: lambda encoder, value, depth: {"userdict": encoder.pack(value.data, depth + 1)},
    UserList: lambda encoder, value, depth: {"userlist": encoder.pack(value.data, depth + 1)},
    UserString: lambda encoder, value, depth: {"userstring": encoder.pack(value.data, depth + 1)},
    type: _pack_type,
    BaseException: _pack_exception,
}
_LIBRARY_RULES: dict[str, Callable[[Encoder, Any, int], Any]] = {
    "Fraction": lambda encoder, value, depth: {"fraction": encoder._items([value.numerator, value.denominator], depth)},
    "Decimal": lambda _e, value, _d: {"decimal": library_class("Decimal").__str__(value)},
    "date": lambda _e, value, _d: {"date": [value.year, value.month, value.day]},
    "datetime": lambda _e, value, _d: {"datetime": [value.year, value.month, value.day, *_clock(value)]},
    "time": lambda _e, value, _d: {"time": _clock(value)},
    "timedelta": lambda _e, value, _d: {"timedelta": [value.days, value.seconds, value.microseconds]},
    "timezone": lambda _e, value, _d: {"timezone": _offset(library_class("datetime")(2000, 1, 1, tzinfo=value))},
}
