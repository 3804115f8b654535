"""What crosses the engine's attach stream, as bytes in and values out; no input or output happens here.

Two layers. The engine wraps what a container without a terminal writes: 1 byte stream number (1 output, 2 error),
3 zero bytes, 4 bytes big-endian length, payload. Inside the output stream lies the runner's own protocol: 4 bytes
big-endian length, then that many bytes of UTF-8 JSON, at most 64 MiB. Towards the container there is only the inner
layer.
"""

import json
import struct
from collections import deque
from typing import Any

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of JSON in one frame."""

_ERROR_TAIL = 8192
_ENGINE_HEADER = struct.Struct(">B3xL")
_LENGTH = struct.Struct(">L")
_OUTPUT, _ERROR = 1, 2

Message = dict[str, Any]


class FrameError(Exception):
    """The stream holds something that the protocol does not allow; nothing after it can be trusted."""


def encode(message: Message) -> bytes:
    """One frame.

    Raises:
        FrameError: the message is larger than a frame may be.
    """
    body = _ENCODER.encode(message).encode("ascii")
    if len(body) > MAX_FRAME:
        raise FrameError(f"a message of {len(body)} bytes is larger than a frame may be ({MAX_FRAME})")
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Takes the engine's stream apart: `feed` it bytes in any portions, take whole messages from `messages`."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()
        self._engine = bytearray()
        self._output = bytearray()
        self._error = bytearray()

    @property
    def error_tail(self) -> str:
        """The end of what the container wrote to standard error: a dying runner's last words."""
        return self._error.decode("utf-8", "replace").strip()

    @property
    def clean(self) -> bool:
        """True where the stream stands between two messages and none waits to be taken."""
        return not (self.messages or self._engine or self._output)

    def feed(self, data: bytes) -> None:
        """Add what the socket gave.

        Raises:
            FrameError: a frame is too large, is no JSON object, or the engine's wrapping is broken.
        """
        self._engine += data
        while (chunk := self._next_chunk()) is not None:
            stream, payload = chunk
            if stream == _OUTPUT:
                self._output += payload
            else:
                self._error = (self._error + payload)[-_ERROR_TAIL:]
        while (body := self._next_body()) is not None:
            self.messages.append(_decode(body))

    def _next_chunk(self) -> tuple[int, bytes] | None:
        if len(self._engine) < _ENGINE_HEADER.size:
            return None
        stream, length = _ENGINE_HEADER.unpack_from(self._engine)
        if stream not in (_OUTPUT, _ERROR):
            raise FrameError(f"the engine's stream has no stream number {stream}")
        end = _ENGINE_HEADER.size + length
        if len(self._engine) < end:
            return None
        payload = bytes(self._engine[_ENGINE_HEADER.size : end])
        del self._engine[:end]
        return stream, payload

    def _next_body(self) -> bytes | None:
        if len(self._output) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._output)
        if length > MAX_FRAME:
            raise FrameError(f"the runner announced a frame of {length} bytes")
        end = _LENGTH.size + length
        if len(self._output) < end:
            return None
        body = bytes(self._output[_LENGTH.size : end])
        del self._output[:end]
        return body


def _decode(body: bytes) -> Message:
    try:
        message = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the runner sent what is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise FrameError("the runner sent JSON that is no object")
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


# made once: for each message anew they cost more than most messages
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
