"""Length-prefixed frames over two pipe ends: four bytes of length, big-endian, then that many bytes."""

import os

_CHUNK = 1 << 16


class ClosedError(Exception):
    """The other end is gone."""


class TooLargeError(Exception):
    """The other end announced a frame over the limit; nothing of it was read into memory."""


class Channel:
    """One end of a conversation. Blocking; `limit` is the largest frame it accepts, in bytes."""

    def __init__(self, reader: int, writer: int, limit: int) -> None:
        self.reader = reader
        self.writer = writer
        self._limit = limit
        self._rest = b""
        # kept here so that a program that patches `os` does not break its own conversation
        self._read = os.read
        self._write = os.write

    def send(self, data: bytes) -> None:
        """Write one frame. ClosedError: nobody reads it."""
        frame = len(data).to_bytes(4, "big") + data
        try:
            written = self._write(self.writer, frame)
            while written < len(frame):
                written += self._write(self.writer, memoryview(frame)[written : written + (1 << 20)])
        except OSError as error:
            raise ClosedError(str(error)) from None

    def receive(self) -> bytes:
        """Read one frame. ClosedError: the stream ended. TooLargeError: its length is over the limit."""
        data = self._rest or self._more()
        while len(data) < 4:
            data += self._more()
        end = 4 + int.from_bytes(data[:4], "big")
        if end - 4 > self._limit:
            raise TooLargeError(f"a frame of {end - 4} bytes")
        if len(data) < end:
            data = self._fill(data, end)
        self._rest = data[end:]
        return data[4:end]

    def _fill(self, start: bytes, end: int) -> bytes:
        data = bytearray(start)
        while len(data) < end:
            data += self._more()
        return bytes(data)

    def _more(self) -> bytes:
        try:
            chunk = self._read(self.reader, _CHUNK)
        except OSError as error:
            raise ClosedError(str(error)) from None
        if not chunk:
            raise ClosedError("end of stream")
        return chunk
