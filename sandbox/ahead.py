"""Calls sent ahead: requests wait in the pipe while the program is still at work on earlier ones.

The candidate answers one frame after the other, so the calls run in order, one at a time, and their replies come in
that order; only the wait between them is gone. No more is under way than the pipe surely holds, so that a write never
blocks while nobody reads. A request that is larger than that goes alone. From the moment on at which the test has
handed out a callable everything goes alone, since its answers travel the same way as requests.
"""

import fcntl
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from codec import CodecError
from frames import HEADER_BYTES, Channel, ClosedError

if TYPE_CHECKING:
    from session import Session

_PAGE = 4096


def room(channel: Channel) -> int:
    """How many bytes the pipe holds, whatever the sizes of the writes.

    A write starts a new page unless it fits into the last one: two neighbours fill more than a page together, so a pipe
    is at least half full (less one page) when it takes no more.
    """
    return int(fcntl.fcntl(channel.writer, fcntl.F_GETPIPE_SZ)) // 2 - _PAGE


class Ahead:
    """Calls of one target with every list of arguments; iterate to get (arguments, nonce), and settle each in turn."""

    def __init__(self, session: "Session", channel: Channel, target: Any, argument_lists: Iterable[Any]) -> None:
        self._session = session
        self._channel = channel
        self._target = target
        self._coming = iter(argument_lists)
        self._waiting: tuple[list[Any], str, bytes] | None = None
        self._under_way: deque[tuple[list[Any], str, int]] = deque()
        self._bytes = 0
        self._room = room(channel)

    def __iter__(self) -> Iterator[tuple[list[Any], str]]:
        """Each call in order, once it is under way. Ended: its arguments cannot be sent."""
        while True:
            if self._bytes <= self._room // 2:
                self._send()
            if not self._under_way:
                return
            arguments, nonce, size = self._under_way.popleft()
            self._session.under_way = len(self._under_way)
            yield arguments, nonce
            self._bytes -= size

    def _send(self) -> None:
        """Put as many calls under way as there is room for, in one write."""
        frames = []
        while call := self._waiting or self._next():
            arguments, nonce, frame = call
            size = HEADER_BYTES + len(frame)
            if self._under_way and (self._session.has_callbacks or self._bytes + size > self._room):
                self._waiting = call
                break
            self._waiting = None
            frames.append(frame)
            self._under_way.append((arguments, nonce, size))
            self._bytes += size
        try:
            self._channel.send(*frames)
        except ClosedError:  # the replies that came before the end still count; what is missing shows where it belongs
            self._coming = iter(())

    def _next(self) -> tuple[list[Any], str, bytes] | None:
        """The next call, packed; None where there is none, or where it cannot be sent and others come before it."""
        for arguments in self._coming:
            call = ("call", self._target, list(arguments), None, False)
            try:
                nonce, frame = self._session.packed(*call) if self._under_way else self._session.request(*call)
            except CodecError:
                self._coming = chain([arguments], self._coming)
                return None
            return arguments, nonce, frame
        return None
