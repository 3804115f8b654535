"""The way that the candidate's replies come: a socket, since the kernel says of what comes there which process sent it.

A program can fork and leave its child to answer. Which of the two the judge hears would depend on which is faster, and
a verdict must not: replies are those of the candidate's first process, and what any other writes there is dropped.
"""

import socket
from struct import Struct

_SENDER = Struct("iII")  # struct ucred: process, user, group
_ROOM = socket.CMSG_SPACE(_SENDER.size)  # for that and nothing else: descriptors that are sent along are closed


def open_replies() -> tuple[int, int]:
    """The judge's end and the candidate's, as descriptors."""
    ours, its = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours.detach(), its.detach()


class Replies:
    """The judge's end. The first process that is heard is the candidate's: it greets before it reads the program."""

    def __init__(self, reader: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, reader)
        self._sender = 0

    def read(self, _: int, size: int) -> bytes:
        """Up to `size` bytes of the candidate's, nothing at the end of the stream: as os.read does it."""
        while True:
            data, ancillary, _, _ = self._socket.recvmsg(size, _ROOM)
            if not data:
                return data
            [(_, _, sender)] = ancillary
            process, _, _ = _SENDER.unpack(sender)
            self._sender = self._sender or process
            if process == self._sender:
                return data

    def close(self) -> None:
        """Have it closed."""
        self._socket.close()
