"""The judge's side of the conversation: requests to the candidate, and the proxies that tests use to make them.

A proxy sends its arguments as data, and the reply is rebuilt from exact built-in types. Objects that cannot be sent as
data stay with the candidate: iterators as `Stream`, and, where the check has classes, any other as `Handle`. Of the
rest only the truth value crosses, as `Opaque`: a program that returns `re.match(...)` where a test asks `assert f(x)`
is right, and it could as well have answered True.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, NoReturn

from ahead import Ahead
from codec import MAX_ITEMS, CodecError, Encoder
from decoder import Decoder, exception
from frames import Channel, ClosedError, TooLargeError
from remote import Handle, LongList, Opaque, RemoteError, Stream

MAX_STREAM = 1_000_000

KNOWN = object()
"""Stands for a result that is known to be right without having been sent."""


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
        self.under_way = 0
        self.turn: Callable[[], None] = lambda: None
        self.last: Any = ""
        self._encoder = Encoder(self._tag)
        self._decoder = Decoder(
            {
                "iterator": lambda content: Stream.described(self, content),
                "object": self._handle,
                "opaque": lambda content: Opaque.described(self, content),
                "long": lambda content: LongList.described(self, content),
            }
        )
        self._handles = False
        self._loading = ""

    def load(self, program: str, names: list[str], handles: bool) -> None:
        """Have the candidate run the program, without waiting for it."""
        self._handles = handles
        self._loading, frame = self.request("load", program, names, handles)
        with suppress(ClosedError):  # whoever reads next finds out
            self._channel.send(frame)

    def loaded(self) -> None:
        """Wait until the program has run. Ended: it does not compile, raises, or lacks one of the names."""
        missing, defined = self.settle(self._loading)
        if missing:
            found = ", ".join(map(str, defined)) or "nothing"
            self.end("error", f"The program does not define {', '.join(map(str, missing))}; it defines {found}.")

    def ask(self, verb: str, *content: Any) -> Any:
        """One request and its result. Raises the candidate's exception, rebuilt, or Ended.

        TypeError: calls are under way that were sent ahead, so nothing else can be asked now.
        """
        if self.under_way:
            raise TypeError("the program is at work on calls that were sent ahead")
        nonce, frame = self.request(verb, *content)
        return self.settle(nonce, frame)

    def request(self, verb: str, *content: Any) -> tuple[str, bytes]:
        """A request's nonce and frame, not sent yet. Ended: the sample is decided, or something cannot be sent."""
        if self.ended:
            raise self.ended
        try:
            return self.packed(verb, *content)
        except CodecError as error:
            self.end("error", f"The test cannot pass on an argument that {error}.")

    def packed(self, verb: str, *content: Any) -> tuple[str, bytes]:
        """A request's nonce and frame. CodecError: something in it cannot be sent."""
        nonce = os.urandom(8).hex()
        return nonce, self._encoder.encode([verb, nonce, *[self._encoder.pack(part) for part in content]])

    @property
    def has_callbacks(self) -> bool:
        """The program has been handed something of the test's that it may call at any time."""
        return bool(self._callbacks)

    def ahead(self, target: Any, argument_lists: Iterable[Any]) -> Ahead:
        """Calls of one target that are sent before the replies of earlier ones have come."""
        return Ahead(self, self._channel, target, argument_lists)

    def end(self, verdict: str, detail: str) -> NoReturn:
        """Decide the sample, once and for all."""
        self.ended = self.ended or Ended(verdict, detail)
        raise self.ended

    def settle(self, nonce: str, frame: bytes = b"") -> Any:
        """The result of a request, whose `frame` is sent first where it is given. Raises as `ask` does."""
        try:
            if frame:
                self._channel.send(frame)
            return self._result(nonce)
        except ClosedError:
            self.end("gone", "The program's process ended before it answered")
        except TooLargeError as error:
            self.end("odd error", f"The program sent {error}, which is too large.")
        except CodecError as error:
            self.end("odd error", f"The program's answer {error}.")
        except (ValueError, TypeError, LookupError) as error:
            self.end("odd error", f"The program's answer is malformed ({error}).")

    def _result(self, nonce: str) -> Any:
        kind, *rest = self._reply(nonce)
        while kind == "callback":
            self._channel.send(self._called_back(*rest))
            kind, *rest = self._reply(nonce)
        if kind == "return":
            [result] = rest
            return result
        return rest if kind == "loaded" else self._refused(kind, *rest)

    def _reply(self, nonce: str) -> list[Any]:
        self.turn()
        data = self._channel.receive()
        self.turn()
        message = self._decoder.decode(data)
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
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise CodecError("calls back what it was not given")
        try:
            answer = ["return", self._encoder.pack(self._callbacks[number](*arguments, **keywords))]
        except Exception as error:  # goes back to the candidate, which called it
            answer = ["raise", self._encoder.pack(error)]
        return self._encoder.encode(answer)

    def _tag(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Function):
            return {"function": value.name}
        if isinstance(value, (Handle, Stream, Opaque, LongList)):
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

    def count(self, items: int) -> None:
        """Bound what iterators may deliver in one sample."""
        self._streamed += items
        if self._streamed > MAX_STREAM:
            self.end("error", f"An iterator of the program gave more than {MAX_STREAM} items.")


class Function:
    """Stands for a function (or class) of the candidate's in the tests."""

    def __init__(self, session: Session, name: str, keep: bool = False) -> None:
        self._session = session
        self.name = self.__name__ = name
        self._keep = keep

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the candidate. Raises what it raised, rebuilt as a built-in exception, or Ended."""
        session = self._session
        ask = partial(session.ask, "call", self, list(arguments), keywords or None, self._keep)
        return self._concluded(ask, arguments, keywords)

    def each(self, argument_lists: Iterable[Any]) -> Iterator[Any]:
        """The results of calls with each list of arguments, in order; calls are sent ahead of replies (ahead.py).

        The arguments must not depend on results, all results must be taken, and nothing else can be asked of the
        program meanwhile: iterators among the results, for example, cannot be read before the last one. Raises at its
        place what a call raised, and ends there.
        """
        for arguments, nonce in self._session.ahead(self, argument_lists):
            yield self._concluded(partial(self._session.settle, nonce), arguments, {})

    def unless(self, known: str, arguments: Sequence[Any]) -> Any:
        """KNOWN where the result of a call is the one known by `known` (digests.py), else the result."""
        return self._concluded(partial(self._unless, known, list(arguments)), arguments, {})

    def _unless(self, known: str, arguments: list[Any]) -> Any:
        told = self._session.ask("tell", self, arguments)
        return KNOWN if type(told) is str and told == known else self._session.ask("told")

    def _concluded(self, ask: Callable[[], Any], arguments: Any, keywords: dict[str, Any]) -> Any:
        session = self._session
        session.last = ""
        try:
            result = ask()
        except RemoteError as remote:
            session.last = _shown(self.name, arguments, keywords)
            raise remote.error from None
        except Ended as ended:
            if "\n" not in ended.detail:
                ended.detail = f"{ended.detail}\nin {_shown(self.name, arguments, keywords)}"
            raise
        session.last = (self.name, arguments, keywords, result)
        return result


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
