"""Values cross exactly, and no bytes whatever do more than raise CodecError."""

import json
import math
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
text = st.text(st.characters(codec=None, categories=["L", "N", "Cs", "Cc", "S"]), max_size=8)
hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 300), 1 << 300)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | text
    | st.binary(max_size=8)
    | st.fractions()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.times(timezones=st.none() | offsets)
    | st.datetimes(timezones=st.none() | offsets)
    | st.timedeltas()
    | st.builds(range, st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 3))
    | st.sampled_from([int, str, list, ValueError, ...]),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)
values = st.recursive(
    hashable | st.binary(max_size=8).map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(hashable, inner, max_size=3)
        | st.dictionaries(hashable, inner, max_size=3).map(OrderedDict)
        | st.dictionaries(hashable, inner, max_size=3).map(lambda items: defaultdict(list, items))
        | st.dictionaries(text, st.integers(-9, 9), max_size=3).map(Counter)
        | st.sets(hashable, max_size=3)
        | st.lists(inner, max_size=3).map(lambda items: deque(items, 5))
    ),
    max_leaves=12,
)


def crossed(inside: SimpleNamespace, value: Any) -> Any:
    """`value` as the other side gets it."""
    encoder = inside.codec.Encoder()
    [result] = inside.decoder.Decoder().decode(encoder.encode([encoder.pack(value)]))
    return result


def shape(value: Any) -> Any:
    """Types all the way down; the order of a dict's items counts."""
    if isinstance(value, dict):
        return type(value), [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return type(value), [shape(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(str(shape(item)) for item in value)
    return type(value)


@given(value=values)
def test_every_value_comes_back_equal_and_of_the_same_types(inside: SimpleNamespace, value: Any) -> None:
    """What a function returns is what the test sees, to the last type and the order of keys."""
    back = crossed(inside, value)
    assert back == value
    assert shape(back) == shape(value)


@pytest.mark.parametrize("value", [-0.0, math.inf, -math.inf, complex(-0.0, math.inf), Decimal("-0.00"), 1e-310])
def test_signs_of_zero_and_infinities_survive(inside: SimpleNamespace, value: Any) -> None:
    """A test that looks at repr sees the same value."""
    assert repr(crossed(inside, value)) == repr(value)


def test_nan_stays_nan(inside: SimpleNamespace) -> None:
    """NaN crosses inside and outside of containers."""
    assert math.isnan(crossed(inside, math.nan))
    assert math.isnan(crossed(inside, [1, {"a": math.nan}])[1]["a"])
    assert crossed(inside, Decimal("NaN")).is_nan()


@pytest.mark.parametrize(
    "original",
    [{4, 8, 12, 16, 20}, {30, 6, 18, 24, 12}, {7, -41}, {-41, 7}, frozenset({4, 8, 12, 16, 20}), set(range(50, 0, -1))],
)
def test_a_set_iterates_as_the_original_does(inside: SimpleNamespace, original: Any) -> None:
    """False pass prevented: `tuple(s)` where a test expects sorted order, because the set had arrived in that order."""
    assert list(crossed(inside, original)) == list(original)


def test_a_subclass_crosses_as_its_base_without_running_its_methods(inside: SimpleNamespace) -> None:
    """False pass prevented: a subclass that equals everything, or counts or iterates as it likes."""

    class Liar(list):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

        def __iter__(self) -> Any:
            raise AssertionError("ran")

        def __len__(self) -> int:
            raise AssertionError("ran")

    class LiarInt(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    back = crossed(inside, (Liar([1, 2]), LiarInt(7), True))
    assert type(back[0]) is list
    assert back[0] == [1, 2]
    assert type(back[1]) is int
    assert back[1] != 8


def test_enum_members_that_are_numbers_or_texts_cross_as_these(inside: SimpleNamespace) -> None:
    """An IntEnum or StrEnum result compares as the number or text it is."""
    kinds = IntEnum("kinds", "A B"), StrEnum("names", "C D")
    assert crossed(inside, [kinds[0].B, kinds[1].C]) == [2, "c"]


def test_members_of_a_plain_enum_are_no_data(inside: SimpleNamespace) -> None:
    """False pass prevented: a program that answers `Color.RED`, which equals nothing, where the test wants 1."""
    with pytest.raises(inside.codec.CodecError):
        crossed(inside, Enum("Color", "RED").RED)


@pytest.mark.parametrize(
    "value",
    [
        *(UserList([1, (2,)]), UserDict(a=[1]), UserString("text"), ChainMap({"a": 1}, {"b": (2,)})),
        *(MappingProxyType({"a": (1,)}), array("d", [0.5, -0.0]), memoryview(b"\x00\xff")),
    ],
)
def test_containers_of_the_library_cross_as_what_they_are(inside: SimpleNamespace, value: Any) -> None:
    """False fail prevented: a program that answers with a UserList, a ChainMap or an array of the right content."""
    back = crossed(inside, value)
    assert type(back) is type(value)
    assert back == value


@pytest.mark.parametrize(
    ("name", "fields"),
    [("_", "x y"), ("_1", "x y"), ("Point", "x def"), ("Many", " ".join(f"f{n}" for n in range(300)))],
)
def test_named_tuples_with_odd_names_cross(inside: SimpleNamespace, name: str, fields: str) -> None:
    """False fail prevented: a right answer in a named tuple called `_` or with fields that Python renamed."""
    kind = namedtuple(name, fields, rename=True)  # type: ignore[misc]
    value = kind(*range(len(kind._fields)))
    back = crossed(inside, value)
    assert back == value
    assert back._asdict() == value._asdict()
    assert repr(back) == repr(value)
    assert back._replace(**{kind._fields[0]: 7}) == value._replace(**{kind._fields[0]: 7})


def test_names_of_tuples_leave_nothing_large_behind(inside: SimpleNamespace) -> None:
    """False verdict on a neighbour prevented: classes with a million names that stay in the judge's memory."""
    kind = namedtuple("Wide", [f"field{n}" for n in range(5000)])  # type: ignore[misc]
    assert type(crossed(inside, kind(*range(5000)))) is tuple
    fields = [f"field{n}" for n in range(5000)]
    message = json.dumps({"namedtuple": ["x", fields, fields]}).encode()
    with pytest.raises(inside.codec.CodecError):
        inside.decoder.Decoder().decode(message)


def test_errors_of_the_system_keep_their_number(inside: SimpleNamespace) -> None:
    """False fail prevented: a test that looks at `errno` of the OSError that a right program raised."""
    error = inside.decoder.exception(["FileNotFoundError", "OSError"], [2, "No such file"])
    assert (type(error), error.errno, error.args) == (FileNotFoundError, 2, (2, "No such file"))


def test_a_named_tuple_keeps_names_and_equals_its_tuple(inside: SimpleNamespace) -> None:
    """A named tuple can be read by field and compared with a plain tuple."""
    back = crossed(inside, namedtuple("Point", "x y")(1, [2]))
    assert (back.x, back.y) == (1, [2])
    assert back == (1, [2])
    assert isinstance(back, tuple)


def test_dict_views_cross_as_views(inside: SimpleNamespace) -> None:
    """dict.keys() compares as a set, not as a list, on the judge's side too."""
    keys, items = crossed(inside, [{"a": 1}.keys(), {"a": 1}.items()])
    assert keys == {"a"}
    assert keys != ["a"]
    assert items == {("a", 1)}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (KeyError, KeyError("k", 1)),
        (FileNotFoundError, FileNotFoundError(2, "gone")),
        (UnicodeError, type("Own", (UnicodeError,), {})("x")),
    ],
)
def test_an_exception_crosses_as_its_closest_builtin(inside: SimpleNamespace, kind: type, sent: BaseException) -> None:
    """A test that expects ValueError catches the program's own subclass of it."""
    back = crossed(inside, sent)
    assert type(back) is kind
    assert back.args == sent.args


@pytest.mark.parametrize("value", [object(), lambda: 1, type("Own", (), {}), [object()], {1: object()}])
def test_what_is_no_data_is_refused(inside: SimpleNamespace, value: Any) -> None:
    """False pass prevented: an object of the candidate's that takes part in a comparison."""
    with pytest.raises(inside.codec.CodecError):
        inside.codec.Encoder().pack(value)


def test_cycles_depth_and_length_are_bounded(inside: SimpleNamespace) -> None:
    """An endless or enormous result ends as an error of its sender, not of the judge."""
    cycle: list[Any] = []
    cycle.append(cycle)
    ring: dict[str, Any] = {}
    ring["self"] = ring
    for value in (cycle, ring, [0] * (inside.codec.MAX_ITEMS + 1)):
        with pytest.raises(inside.codec.CodecError):
            inside.codec.Encoder().pack(value)
    with pytest.raises(inside.codec.CodecError, match="16 MiB"):
        inside.codec.Encoder().encode(["x" * inside.codec.MAX_BYTES])


@given(data=st.binary(max_size=60))
def test_random_bytes_raise_only_codec_errors(inside: SimpleNamespace, data: bytes) -> None:
    """False verdict prevented: a malformed answer that crashes the judge instead of failing its sender."""
    _decode_or_refuse(inside, data)


TAGS = """int tuple set frozenset dict counter ordereddict defaultdict deque keys values items bytes bytearray complex
    fraction decimal range slice date datetime time timedelta timezone namedtuple ellipsis type exception array
    memoryview mappingproxy chainmap userdict userlist userstring x"""
tags = st.sampled_from(TAGS.split())
hostile = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 1 << 70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(tags, inner, min_size=1, max_size=2),
    max_leaves=12,
)


@given(message=hostile)
def test_tags_with_the_wrong_content_raise_only_codec_errors(inside: SimpleNamespace, message: Any) -> None:
    """Well-formed JSON with nonsense inside the tags is refused as cleanly as noise."""
    import json  # noqa: PLC0415

    _decode_or_refuse(inside, json.dumps(message).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"tuple":' * 50_000,
        b"[" + b"1" * 100_000 + b"]",
        b"[" + b"[]," * 2_000_001 + b"1]",
        b'{"namedtuple":["x",["__eq__"],[1]]}',
        b'{"namedtuple":["x",["a b"],[1]]}',
        b'{"type":"eval"}',
        b'{"set":[[1]]}',
        b'{"fraction":[1,0]}',
        b'{"exception":[["ExceptionGroup"],[]]}',
        b"[1] [2]",
        b"",
    ],
)
def test_hostile_bytes_are_refused(inside: SimpleNamespace, data: bytes) -> None:
    """Deep, wide, duplicate and dangerous input each end in CodecError."""
    with pytest.raises(inside.codec.CodecError):
        inside.decoder.Decoder().decode(data)


def _decode_or_refuse(inside: SimpleNamespace, data: bytes) -> None:
    try:
        inside.decoder.Decoder().decode(data)
    except inside.codec.CodecError:
        return


def test_time_of_day_keeps_fold_and_zone(inside: SimpleNamespace) -> None:
    """The hour that happens twice stays the one it was."""
    zone = timezone(timedelta(hours=-3, minutes=-30))
    for value in (time(1, 2, fold=1), datetime(2024, 1, 2, 3, tzinfo=zone), date(1, 1, 1), Fraction(1, 3)):
        assert crossed(inside, value) == value
    assert crossed(inside, time(1, 2, fold=1)).fold == 1
