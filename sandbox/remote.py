"""Stand-ins in the judge for what stays with the program: opaque results, handles, iterators, very long lists."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from codec import CodecError
from digests import digest

if TYPE_CHECKING:
    from session import Session

_PORTION = 256
_ONE_BY_ONE = 32


class RemoteError(Exception):
    """Carries a candidate's exception out of `Session.settle` without its context."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class EqualsNothing:
    """What stays with the program takes no part in a comparison: it equals nothing, itself included."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return id(self)


class Opaque(EqualsNothing):
    """A result that is no data: it has a truth value and equals nothing."""

    __slots__ = ("_kind", "_number", "_session", "_truth")

    def __init__(self, session: "Session", number: int, truth: bool, kind: str) -> None:
        self._session = session
        self._number = number
        self._truth = truth
        self._kind = kind

    @staticmethod
    def described(session: "Session", content: Any) -> "Opaque":
        """The stand-in for [number, truth, whether it can be called, type name]. CodecError: described otherwise."""
        number, truth, called, kind = _parts(content, int, bool, bool, str)
        return (OpaqueFunction if called else Opaque)(session, number, truth, kind[:100])

    def __bool__(self) -> bool:
        return self._truth

    def __repr__(self) -> str:
        return f"<an object of the program's type {self._kind}, which equals nothing>"


class OpaqueFunction(Opaque):
    """A function that the program returned: it can be called, and still equals nothing."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function where it lives. Raises what it raised, rebuilt as a built-in exception, or Ended."""
        return _forward(self, "call", list(arguments), keywords or None, False)


def _parts(content: Any, *kinds: type) -> list[Any]:
    if type(content) is not list or [type(part) for part in content] != list(kinds):
        raise CodecError("holds an object that is described wrongly")
    return content


class Handle(EqualsNothing):
    """An object that stays with the candidate: usable, never comparable. It equals nothing and has no truth value."""

    __slots__ = ("_number", "_session")

    def __init__(self, session: "Session", number: int) -> None:
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_number", number)

    def __getattr__(self, name: str) -> Any:
        return _forward(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _forward(self, "set", name, value)

    def __getitem__(self, key: Any) -> Any:
        return _forward(self, "item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _forward(self, "put", key, value)

    def __len__(self) -> int:
        return int(_forward(self, "size"))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the object where it lives."""
        return _forward(self, "call", list(arguments), keywords or None, False)

    def __bool__(self) -> bool:
        raise TypeError("an object of the program's has no truth value")

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("an object of the program's cannot be iterated")


def _forward(handle: Handle | Opaque, verb: str, *content: Any) -> Any:
    session = object.__getattribute__(handle, "_session")
    try:
        return session.ask(verb, handle, *content)
    except RemoteError as remote:
        raise remote.error from None


class Stream:
    """An iterator that stays with the candidate and is drained as the test asks.

    One by one at first: what comes next may take for ever, or change what the program answers. Later in portions.
    """

    def __init__(self, session: "Session", number: int, truth: bool) -> None:
        self._session = session
        self._number = number
        self._truth = truth
        self._taken = 0
        self._ready: list[Any] = []
        self._over = False

    @classmethod
    def described(cls, session: "Session", content: Any) -> "Stream":
        """The stand-in for [number, truth]. CodecError: it is described otherwise."""
        return cls(session, *_parts(content, int, bool))

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> Any:
        if not self._ready:
            self._fetch()
        return self._ready.pop()

    def _fetch(self) -> None:
        if self._over:
            raise StopIteration
        portion = 1 if self._taken < _ONE_BY_ONE else min(self._taken, 1024)
        try:
            items = self._session.ask("next", self, portion)
        except RemoteError as remote:
            raise remote.error from None
        if type(items) is not list or len(items) > portion:
            self._session.end("error", "An iterator of the program answered outside the protocol.")
        self._session.count(len(items))
        self._taken += len(items)
        self._ready = items[::-1]
        self._over = not items
        if self._over:
            raise StopIteration

    def __bool__(self) -> bool:
        return self._truth


class LongList:
    """A list that is too long for one message. It has a length, it is compared and iterated portion by portion.

    It equals a list whose digest the program can tell, which takes the same items, or else one whose items equal those
    that the program sends when asked for each portion: nothing that the program says of itself takes part.
    """

    def __init__(self, session: "Session", number: int, length: int) -> None:
        self._session = session
        self._number = number
        self._length = length

    @classmethod
    def described(cls, session: "Session", content: Any) -> "LongList":
        """The stand-in for [number, length]. CodecError: it is described otherwise."""
        number, length = _parts(content, int, int)
        if length < 0:
            raise CodecError("holds a list that is described wrongly")
        return cls(session, number, length)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, self._length, _PORTION):
            yield from self._portion(start)

    def __eq__(self, other: object) -> bool:
        if type(other) is not list or len(other) != self._length:
            return False
        if (known := digest(other, equal=True)) and known == self._ask("digest"):
            return True
        theirs = iter(other)
        starts = range(0, self._length, _PORTION)
        return all(portion == list(islice(theirs, _PORTION)) for portion in map(self._portion, starts))

    __hash__ = None  # type: ignore[assignment]

    def _portion(self, start: int) -> list[Any]:
        stop = min(start + _PORTION, self._length)
        items = self._ask("item", slice(start, stop))
        if type(items) is not list or len(items) != stop - start:
            self._session.end("odd error", "A long list of the program's answered outside the protocol.")
        return items

    def _ask(self, verb: str, *content: Any) -> Any:
        try:
            return self._session.ask(verb, self, *content)
        except RemoteError as remote:
            raise remote.error from None

    def __repr__(self) -> str:
        return f"<list of {self._length}>"
