"""The judge's side of the conversation: requests to the candidate, and the proxies that tests use to make them.

A proxy sends its arguments as data, and the reply is rebuilt from exact built-in types. Objects that cannot be sent as
data stay with the candidate: iterators as `Stream`, and, where the check has classes, any other as `Handle`. Of the
rest only the truth value crosses, as `Opaque`: a program that returns `re.match(...)` where a test asks `assert f(x)`
is right, and it could as well have answered True.
"""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NoReturn

from codec import MAX_ITEMS, CodecError, Encoder
from decoder import Decoder, exception
from frames import Channel, ClosedError, TooLargeError

MAX_STREAM = 1_000_000
_ONE_BY_ONE = 32


class Ended(BaseException):
    """The sample is decided. Not an Exception: no test can catch it by accident, and `Session.ended` remembers it."""

    def __init__(self, verdict: str, detail: str) -> None:
        super().__init__(detail)
        self.verdict = verdict
        self.detail = detail


class Session:
    """The conversation with one candidate. `test` is the source of the test that holds it."""

    def __init__(self, channel: Channel, test: str = "") -> None:
        self._channel = channel
        self._expects_stop = StopIteration.__name__ in test
        self._callbacks: list[Callable[..., Any]] = []
        self._streamed = 0
        self.ended: Ended | None = None
        self.last: Any = ""
        self._encoder = Encoder(self._tag)
        self._decoder = Decoder({"iterator": self._stream, "object": self._handle, "opaque": self._opaque})
        self._handles = False

    def load(self, program: str, names: list[str], handles: bool) -> None:
        """Have the candidate run the program. Ended: it does not compile, raises, or lacks one of `names`."""
        self._handles = handles
        missing, defined = self._exchange("load", program, names, handles)
        if missing:
            found = ", ".join(map(str, defined)) or "nothing"
            self.end("error", f"The program does not define {', '.join(map(str, missing))}; it defines {found}.")

    def ask(self, verb: str, *content: Any) -> Any:
        """One request and its result. Raises the candidate's exception, rebuilt, or Ended."""
        if self.ended:
            raise self.ended
        try:
            packed = [self._encoder.pack(part) for part in content]
        except CodecError as error:
            self.end("error", f"The test cannot pass on an argument that {error}.")
        return self._exchange(verb, *packed)

    def end(self, verdict: str, detail: str) -> NoReturn:
        """Decide the sample, once and for all."""
        self.ended = self.ended or Ended(verdict, detail)
        raise self.ended

    def _exchange(self, verb: str, *content: Any) -> Any:
        try:
            return self._converse(verb, *content)
        except ClosedError:
            self.end("gone", "The program's process ended before it answered")
        except TooLargeError as error:
            self.end("odd error", f"The program sent {error}, which is too large.")
        except CodecError as error:
            self.end("odd error", f"The program's answer {error}.")
        except (ValueError, TypeError, LookupError) as error:
            self.end("odd error", f"The program's answer is malformed ({error}).")

    def _converse(self, verb: str, *content: Any) -> Any:
        nonce = os.urandom(8).hex()
        self._channel.send(self._encoder.encode([verb, nonce, *content]))
        kind, *rest = self._reply(nonce)
        while kind == "callback":
            self._channel.send(self._called_back(*rest))
            kind, *rest = self._reply(nonce)
        if kind == "return":
            [result] = rest
            return result
        return rest if kind == "loaded" else self._refused(kind, *rest)

    def _reply(self, nonce: str) -> list[Any]:
        message = self._decoder.decode(self._channel.receive())
        if type(message) is not list or len(message) < 2 or message[0] != nonce:
            raise CodecError("does not belong to this call")
        return message[1:]

    def _refused(self, kind: Any, *rest: Any) -> NoReturn:
        if kind in ("compile_error", "unsendable"):
            verdict = kind if kind == "compile_error" else "error"
            self.end(verdict, f"{rest[0]}")
        if kind != "raise":
            raise CodecError("is of an unknown kind")
        names, arguments, text = rest
        error = exception(names, arguments)
        if isinstance(error, MemoryError):
            self.end("out_of_memory", str(text))
        if not isinstance(error, Exception):
            self.end("error", str(text))
        if isinstance(error, StopIteration) and not self._expects_stop:
            error = RuntimeError("the program raised StopIteration")  # as in generators: it ends nobody else's loop
        error.candidate_text = str(text)  # type: ignore[attr-defined]
        raise RemoteError(error)

    def _called_back(self, number: Any, arguments: Any, keywords: Any) -> bytes:
        """Run one of the test's own callables for the candidate."""
        try:
            answer = ["return", self._encoder.pack(self._callbacks[number](*arguments, **keywords))]
        except Exception as error:  # goes back to the candidate, which called it
            answer = ["raise", self._encoder.pack(error)]
        return self._encoder.encode(answer)

    def _tag(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Function):
            return {"function": value.name}
        if isinstance(value, (Handle, Stream, Opaque)):
            return {"object": object.__getattribute__(value, "_number")}
        if hasattr(type(value), "__next__"):
            return {"stream": self._encoder.pack(list(islice(value, MAX_ITEMS + 1)))}  # too many are refused
        if callable(value):
            self._callbacks.append(value)
            return {"callback": len(self._callbacks) - 1}
        raise CodecError(f"is of type {type(value).__name__!r}, which cannot be sent as data")

    def _handle(self, number: Any) -> "Handle":
        if not self._handles or type(number) is not int:
            raise CodecError("holds a handle, which this check does not allow")
        return Handle(self, number)

    def _stream(self, content: Any) -> "Stream":
        number, truth = _parts(content, int, bool)
        return Stream(self, number, truth)

    def _opaque(self, content: Any) -> "Opaque":
        number, truth, called, kind = _parts(content, int, bool, bool, str)
        return (OpaqueFunction if called else Opaque)(self, number, truth, kind[:100])

    def count(self, items: int) -> None:
        """Bound what iterators may deliver in one sample."""
        self._streamed += items
        if self._streamed > MAX_STREAM:
            self.end("error", f"An iterator of the program gave more than {MAX_STREAM} items.")


class RemoteError(Exception):
    """Carries a candidate's exception out of `_exchange` without its context."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Function:
    """Stands for a function (or class) of the candidate's in the tests."""

    def __init__(self, session: Session, name: str, keep: bool = False) -> None:
        self._session = session
        self.name = self.__name__ = name
        self._keep = keep

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the candidate. Raises what it raised, rebuilt as a built-in exception, or Ended."""
        session = self._session
        session.last = ""
        try:
            result = session.ask("call", self, list(arguments), keywords or None, self._keep)
        except RemoteError as remote:
            session.last = _shown(self.name, arguments, keywords)
            raise remote.error from None
        except Ended as ended:
            if "\n" not in ended.detail:
                ended.detail = f"{ended.detail}\nin {_shown(self.name, arguments, keywords)}"
            raise
        session.last = (self.name, arguments, keywords, result)
        return result


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

    def __init__(self, session: Session, number: int, truth: bool, kind: str) -> None:
        self._session = session
        self._number = number
        self._truth = truth
        self._kind = kind

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

    def __init__(self, session: Session, number: int) -> None:
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

    def __init__(self, session: Session, number: int, truth: bool) -> None:
        self._session = session
        self._number = number
        self._truth = truth
        self._taken = 0
        self._ready: list[Any] = []
        self._over = False

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


def _shown(name: str, arguments: Any, keywords: Any) -> str:
    shown = [_short(value) for value in arguments] + [f"{key}={_short(value)}" for key, value in keywords.items()]
    return f"{name}({', '.join(shown)})"[:500]


def returned(call: tuple[str, Any, Any, Any]) -> str:
    """A finished call as text: `add(2, 3) returned 5`."""
    name, arguments, keywords, result = call
    return f"{_shown(name, arguments, keywords)} returned {_short(result)}"


def _short(value: Any) -> str:
    """A bounded look at a value: repr of a huge list would cost as much as the list."""
    if isinstance(value, (list, tuple, str, bytes, set, frozenset, dict)) and len(value) > 50:
        return f"<{type(value).__name__} of {len(value)}>"
    try:
        return repr(value)[:200]
    except Exception as error:  # an int too long to print, nesting too deep
        return f"<{type(value).__name__}: {type(error).__name__}>"
