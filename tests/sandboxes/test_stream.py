"""The stream over a real socket: whole messages, and a clear end."""

import socket
import struct
from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest

from harness.sandboxes.frames import encode
from harness.sandboxes.stream import Stream, StreamError

pytestmark = pytest.mark.anyio


@pytest.fixture
def ends() -> Iterator[tuple[Stream, socket.socket]]:
    """A stream and the far end of its socket."""
    near, far = socket.socketpair()
    stream = Stream(near)
    yield stream, far
    stream.close()
    far.close()


def wrap(payload: bytes) -> bytes:
    """As the engine sends it."""
    return struct.pack(">B3xL", 1, len(payload)) + payload


async def test_a_message_in_pieces_is_one_message(ends: tuple[Stream, socket.socket]) -> None:
    """A reply that arrives byte by byte is received once, whole."""
    stream, far = ends
    received = []

    async def receive() -> None:
        received.append(await stream.receive())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        for byte in wrap(encode({"id": "a"})):
            far.send(bytes([byte]))
            await anyio.lowlevel.checkpoint()
    assert received == [{"id": "a"}]
    assert stream.clean


async def test_a_large_frame_waits_for_the_other_side(ends: tuple[Stream, socket.socket]) -> None:
    """A frame larger than the socket's buffer is sent whole while the other side reads slowly."""
    stream, far = ends
    frame, got = encode({"program": "x" * 3_000_000}), bytearray()
    far.setblocking(False)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stream.send, frame)
        while len(got) < len(frame):
            await anyio.wait_readable(far)
            got += far.recv(100_000)
    assert got == frame


async def test_the_end_in_a_message_is_an_end(ends: tuple[Stream, socket.socket]) -> None:
    """Half a reply before the end is no reply: it prevents a verdict from a torn message."""
    stream, far = ends
    far.send(wrap(encode({"verdict": "passed"}))[:-2])
    far.shutdown(socket.SHUT_WR)
    with pytest.raises(StreamError):
        await stream.receive()


async def test_sending_to_nobody_is_an_end(ends: tuple[Stream, socket.socket]) -> None:
    """A container that is gone when the job is sent is found out at once."""
    stream, far = ends
    far.close()
    with pytest.raises(StreamError):
        await stream.send(encode({"program": "x" * 10_000_000}))
