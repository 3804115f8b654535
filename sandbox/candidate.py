"""The candidate's side of the conversation: loads the program, then answers calls until the judge hangs up.

Everything here runs inside the untrusted process and may be read, patched or replaced by the program. Nothing depends
on its honesty: a reply is data that the judge checks, and the worst that a program can do is to answer wrongly.

Messages, as JSON lists (values packed by codec.py), each answered with the same nonce:
    load   nonce, source, names, handles     ->  nonce, "loaded", missing names, defined names
    call   nonce, target, arguments, keywords or null, keep
    get    nonce, target, attribute          set   nonce, target, attribute, value
    item   nonce, target, key                put   nonce, target, key, value
    size   nonce, target                     next  nonce, target, count
    digest nonce, target
    tell   nonce, target, arguments          ->  what its result is known by; the result itself is kept for
    told   nonce
                                             ->  nonce, "return", value
                                             |   nonce, "raise", class names, arguments, text
                                             |   nonce, "callback", number, arguments, keywords  (answered by the judge)
                                             |   nonce, "compile_error" | "unsendable", text
A target is {"function": name} or {"object": number}. A list too long for one message is {"long": [number, length]}:
the judge asks for its portions as items of the object of that number.
"""

import builtins
import os
import sys
import types
from collections.abc import Callable
from itertools import islice
from typing import Any

from codec import MAX_BYTES, MAX_ITEMS, CodecError, Encoder, exception_names
from decoder import Decoder
from digests import digest, known_by
from frames import Channel, ClosedError, TooLargeError

MODULE = "program"
_TEXT = 2000
_LONG = 4096
_PORTION = 256


class Agent:
    """Serves one program over one channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._late: dict[int, BaseException] = {}
        self._result: Any = None
        self._handles = False
        self._nonce = ""
        self._process = 0
        self._program = _empty_program()
        self._globals = self._program.__dict__
        self._encoder = Encoder(self._tag)
        self._decoder = Decoder(
            {
                "function": lambda name: self._globals[name],
                "object": lambda number: self._objects[number],
                "callback": self._callback,
                "stream": iter,
            }
        )
        self._verbs: dict[str, Callable[..., Any]] = {
            "call": self._call,
            "get": getattr,
            "set": setattr,
            "item": lambda target, key: target[key],
            "put": lambda target, key, value: target.__setitem__(key, value),
            "size": len,
            "next": self._next,
            "digest": digest,
            "tell": self._tell,
            "told": self._told,
        }

    def serve(self) -> None:
        """Answer until the judge hangs up. Nothing that the program raises ends it; SystemExit is an answer too."""
        self._process = _own_process()
        self._send(b"ready")
        try:
            while True:
                verb, self._nonce, *content = self._decoder.decode(self._channel.receive())
                self._send(self._load(*content) if verb == "load" else self._answer(self._verbs[verb], content))
        except (ClosedError, TooLargeError):
            return

    def _send(self, message: bytes) -> None:
        self._end_child(0)
        self._channel.send(message)

    def _end_child(self, status: int) -> None:
        """End a child that the program forked and that came back out of its code: it has nothing to say."""
        if _own_process() != self._process:
            _flush()
            _leave(status)

    def _load(self, source: str, names: list[str], handles: bool) -> bytes:
        self._handles = handles
        try:
            code = compile(source.removeprefix("\ufeff"), f"{MODULE}.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
            return self._reply("compile_error", f"{type(error).__name__}: {error}"[:_TEXT])
        sys.modules[MODULE] = self._program
        sys.modules["builtins"] = self._program.__dict__["__builtins__"]
        try:
            exec(code, self._globals)
        except BaseException as error:  # the program's own, whatever it is
            return self._raised(error)
        finally:
            _flush()
        defined = [name for name in list(self._globals) if type(name) is str and not name.startswith("__")]
        return self._reply("loaded", [name for name in names if name not in self._globals], defined[:50])

    def _answer(self, act: Callable[..., Any], content: list[Any]) -> bytes:
        try:
            result = act(*content)
        except BaseException as error:  # the program's own, whatever it is
            return self._raised(error)
        finally:
            _flush()
            _make_room()
        try:
            if type(result) is list and len(result) > _LONG:
                return self._listed(result)
            return self._reply("return", self._encoder.pack(result))
        except CodecError as error:
            return self._reply("unsendable", f"the result {error}")
        except BaseException as error:  # a property or method of the result's own class
            return self._raised(error)

    def _listed(self, items: list[Any]) -> bytes:
        """The reply with a long list, or with its handle; made in portions, since memory may not hold it whole."""
        portions: list[bytes] = []
        size = count = 0
        for start in range(0, len(items), _PORTION):
            portion = self._encoder.encode(self._encoder.pack(items[start : start + _PORTION]))
            size, count = size + len(portion), count + portion.count(b",") + portion.count(b"[")
            if size > MAX_BYTES - _LONG or count > MAX_ITEMS - _LONG:
                return self._reply("return", {"long": [self._number(items), len(items)]})
            portions.append(portion[1:-1])
        return self._encoder.encode([self._nonce, "return"])[:-1] + b",[" + b",".join(portions) + b"]]"

    def _call(self, target: Any, arguments: list[Any], keywords: dict[str, Any] | None, keep: bool) -> Any:
        result = target(*arguments, **keywords) if keywords else target(*arguments)
        return _Kept(result) if keep else result

    def _tell(self, target: Any, arguments: list[Any]) -> str:
        self._result = None  # two such results at once may be more than there is memory
        self._result = target(*arguments)
        return known_by(self._result)

    def _told(self) -> Any:
        result, self._result = self._result, None
        return result

    def _next(self, target: Any, count: int) -> list[Any]:
        """One to `count` items, or none at the end. What is raised after an item comes with the next request."""
        number = self._numbers[id(target)]
        if error := self._late.pop(number, None):
            raise error
        items: list[Any] = []
        try:
            items.extend(islice(target, count))
        except BaseException as error:  # the program's own, whatever it is
            if not items:
                raise
            self._late[number] = error
        return items

    def _callback(self, number: int) -> Callable[..., Any]:
        def forward(*arguments: Any, **keywords: Any) -> Any:
            packed = [self._encoder.pack(list(arguments)), self._encoder.pack(keywords)]
            nonce = self._nonce
            self._send(self._encoder.encode([nonce, "callback", number, *packed]))
            message = self._decoder.decode(self._channel.receive())
            while (kind := message[0]) in self._verbs:  # the test's callable calls the program in its turn
                self._nonce = message[1]
                self._send(self._answer(self._verbs[kind], message[2:]))
                message = self._decoder.decode(self._channel.receive())
            self._nonce = nonce
            if kind == "raise":
                raise message[1]
            return message[1]

        return forward

    def _tag(self, value: Any) -> dict[str, Any]:
        """Iterators stay here, and where the check asks for handles anything; of other objects the truth goes.

        Every one has a number, by which the test can hand it back, drain it, or call it if it can be called.
        """
        if type(value) is _Kept:
            return {"object": self._number(value.value)}
        if hasattr(type(value), "__next__"):
            return {"iterator": [self._number(value), bool(value)]}
        if self._handles:
            return {"object": self._number(value)}
        return {"opaque": [self._number(value), bool(value), callable(value), type(value).__name__]}

    def _number(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self._numbers))
        self._objects[number] = value
        return number

    def _raised(self, error: BaseException) -> bytes:
        self._end_child(_exit_status(error))
        names = exception_names(type(error))
        try:
            arguments = self._encoder.pack(_shortened(list(error.args)))
        except BaseException:  # arguments that cannot be sent, or that fight back
            arguments = []
        return self._reply("raise", names, arguments, _describe(error))

    def _reply(self, *content: Any) -> bytes:
        try:
            return self._encoder.encode([self._nonce, *content])
        except CodecError as error:
            return self._encoder.encode([self._nonce, "unsendable", f"the result {error}"])


class _Kept:
    """A result that the judge wants as a handle even where it could go as data."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _exit_status(error: BaseException) -> int:
    """The status with which an interpreter leaves that nobody keeps from doing so."""
    if not isinstance(error, SystemExit):
        return 1
    code = error.code or 0
    return code & 0xFF if isinstance(code, int) else 1


def _shortened(arguments: list[Any]) -> list[Any]:
    return [value[:_TEXT] if isinstance(value, (str, bytes)) else value for value in arguments]


def _describe(error: BaseException) -> str:
    """The exception's type, message and innermost line of the program."""
    try:
        trace, line = error.__traceback__, 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == f"{MODULE}.py":
                line = trace.tb_lineno
            trace = trace.tb_next
        where = f" (line {line})" if line else ""
        return f"{type(error).__name__}: {str(error)[:_TEXT]}{where}"
    except BaseException:  # __str__ is the program's own
        return "an exception that cannot be shown"


def _flush() -> None:
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except Exception:  # the program may have closed, replaced or deleted it
            continue


def _empty_program() -> types.ModuleType:
    """The program's module, with builtins of its own: what it replaces there must not break our side's conversation."""
    own = types.ModuleType("builtins")
    own.__dict__.update(builtins.__dict__)
    program = types.ModuleType(MODULE)
    program.__dict__["__builtins__"] = own
    return program


# kept here so that a program that patches `os` or `sys` does not break its own conversation
_own_process = os.getpid
_leave = os._exit
_recursion_limit = sys.getrecursionlimit
_set_recursion_limit = sys.setrecursionlimit


def _make_room() -> None:
    """A program may have set a recursion limit too low for the reply to be written."""
    if _recursion_limit() < 1000:
        _set_recursion_limit(1000)
