"""Length-prefixed frames over two descriptors: four bytes of length, big-endian, then that many bytes."""

import os
from collections.abc import Callable

HEADER_BYTES = 4
_CHUNK = 1 << 16


class ClosedError(Exception):
    """The other end is gone."""


class TooLargeError(Exception):
    """The other end announced a frame over the limit; nothing of it was read into memory."""


class Channel:
    """One end of a conversation. Blocking; `limit` is the largest frame it accepts, in bytes; `read` is an os.read."""

    def __init__(self, reader: int, writer: int, limit: int, read: Callable[[int, int], bytes] = os.read) -> None:
        self.reader = reader
        self.writer = writer
        self._limit = limit
        self._rest = b""
        self._place = 0
        # kept here so that a program that patches `os` does not break its own conversation
        self._read = read
        self._write = os.write

    def send(self, *messages: bytes) -> None:
        """Write one frame for each message, in one go. ClosedError: nobody reads them."""
        data = b"".join(
            [part for message in messages for part in (len(message).to_bytes(HEADER_BYTES, "big"), message)]
        )
        try:
            written = self._write(self.writer, data) if data else 0
            while written < len(data):
                written += self._write(self.writer, memoryview(data)[written : written + (1 << 20)])
        except OSError as error:
            raise ClosedError(str(error)) from None

    def receive(self) -> bytes:
        """Read one frame. ClosedError: the stream ended. TooLargeError: its length is over the limit."""
        start = self._available(self._place, HEADER_BYTES) + HEADER_BYTES
        size = int.from_bytes(self._rest[start - HEADER_BYTES : start], "big")
        if size > self._limit:
            raise TooLargeError(f"a frame of {size} bytes")
        start = self._available(start, size)
        data, self._place = self._rest[start : start + size], start + size
        if self._place == len(self._rest):
            self._rest, self._place = b"", 0
        return data

    @property
    def buffered(self) -> bool:
        """Whether a whole frame has come already, so that `receive` gives it at once."""
        there = len(self._rest) - self._place - HEADER_BYTES
        return there >= 0 and there >= int.from_bytes(self._rest[self._place : self._place + HEADER_BYTES], "big")

    def _available(self, start: int, size: int) -> int:
        """Have `size` bytes from `start` on in `_rest`; returns where they start now."""
        if len(self._rest) - start >= size:
            return start
        data = bytearray(self._rest[start:])
        while len(data) < size:
            data += self._more()
        self._rest = bytes(data)
        return 0

    def _more(self) -> bytes:
        try:
            chunk = self._read(self.reader, _CHUNK)
        except OSError as error:
            raise ClosedError(str(error)) from None
        if not chunk:
            raise ClosedError("end of stream")
        return chunk
