"""The engine's attach stream as a conversation: send a message, receive a message, under anyio and without threads."""

import os
import socket
import ssl

import anyio
from docker import APIClient

from harness.sandboxes.frames import FrameReader, Message

_CHUNK = 256 * 1024
_ATTACH = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}


class StreamError(Exception):
    """The other side is gone: the container ended, or the engine dropped the connection."""


class Stream:
    """A container's standard input and output. Not for two tasks at once."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._reader = FrameReader()

    @classmethod
    def attach(cls, api: APIClient, container: str) -> "Stream":
        """Attach to a container that has not started yet, so that nothing it says is missed. Blocks.

        Raises:
            docker.errors.DockerException, requests.exceptions.RequestException: the engine refused or is away.
        """
        raw = api.attach_socket(container, params=dict(_ATTACH))
        if isinstance(raw, socket.socket):  # TLS: the session lives in the object, its descriptor alone is no use
            return cls(raw)
        try:
            return cls(socket.socket(fileno=os.dup(raw.fileno())))
        finally:
            raw._response.close()

    @property
    def clean(self) -> bool:
        """True where nothing is pending from the other side."""
        return self._reader.clean

    @property
    def error_tail(self) -> str:
        """The end of the container's standard error."""
        return self._reader.error_tail

    async def send(self, frame: bytes) -> None:
        """Write one encoded frame.

        Raises:
            StreamError: the other side is gone.
        """
        left = memoryview(frame)
        while left:
            try:
                left = left[self._socket.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                await anyio.wait_writable(self._socket)
            except OSError as error:
                raise StreamError(str(error)) from error

    async def receive(self) -> Message:
        """The next message.

        Raises:
            StreamError: the other side is gone, perhaps in the middle of a message.
            FrameError: what came is no frame.
        """
        while not self._reader.messages:
            data = await self._read()
            if not data:
                raise StreamError("the stream ended")
            self._reader.feed(data)
        return self._reader.messages.popleft()

    def close(self) -> None:
        """Hang up: the engine then closes the container's standard input, and the runner exits."""
        self._socket.close()

    async def _read(self) -> bytes:
        while True:
            try:
                return self._socket.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError):
                await anyio.wait_readable(self._socket)
            except OSError as error:
                raise StreamError(str(error)) from error
