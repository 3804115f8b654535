"""Tests of the way that replies come: whoever writes there, only the candidate's own process is heard."""

import os
import socket
from collections.abc import Callable
from types import SimpleNamespace

SIZE = 1 << 16


def in_a_child(work: Callable[[], object]) -> None:
    """Do something in a child of this process and wait for its end."""
    if (child := os.fork()) == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def test_only_the_first_process_that_wrote_is_heard(inside: SimpleNamespace) -> None:
    """False pass prevented: a child that a program left behind answers in its place, before it or between its bytes."""
    reader, writer = inside.replies.open_replies()
    replies = inside.replies.Replies(reader)
    os.write(writer, b"mine")
    in_a_child(lambda: os.write(writer, b"not mine"))
    os.write(writer, b", all of it")
    in_a_child(lambda: os.write(writer, b"not mine either"))
    assert (replies.read(reader, 4), replies.read(reader, SIZE)) == (b"mine", b", all of it")
    os.close(writer)
    assert replies.read(reader, SIZE) == b""
    replies.close()


def test_a_frame_of_any_size_comes_whole(inside: SimpleNamespace) -> None:
    """A reply larger than what the kernel holds at a time is put together from as many reads as it takes."""
    reader, writer = inside.replies.open_replies()
    replies = inside.replies.Replies(reader)
    content = os.urandom(3 << 20)
    if (child := os.fork()) == 0:
        try:
            inside.frames.Channel(-1, writer, 0).send(content, b"next")
        finally:
            os._exit(0)
    os.close(writer)
    channel = inside.frames.Channel(reader, -1, 4 << 20, replies.read)
    assert (channel.receive() == content, channel.receive()) == (True, b"next")
    os.waitpid(child, 0)
    replies.close()


def test_descriptors_that_come_along_are_not_kept(inside: SimpleNamespace) -> None:
    """A program that sends descriptors with its bytes does not fill the judge's table of them."""
    reader, writer = inside.replies.open_replies()
    replies = inside.replies.Replies(reader)
    before = os.listdir("/proc/self/fd")
    with socket.socket(fileno=os.dup(writer)) as sender:
        socket.send_fds(sender, [b"take these"], [0] * 100)
    assert replies.read(reader, SIZE) == b"take these"
    assert os.listdir("/proc/self/fd") == before
    os.close(writer)
    replies.close()
