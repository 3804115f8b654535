"""Who may run beside whom: many jobs together, or one alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio


class Gate:
    """A readers-writer lock that favours the writer: whoever asks to be alone waits only for those already inside."""

    def __init__(self) -> None:
        self._inside = 0  # how many are together, -1 for one alone
        self._waiting = 0  # how many want to be alone
        self._changed: anyio.Event | None = None

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Enter beside others, after everyone who asked to be alone."""
        await self._until(lambda: self._inside >= 0 and not self._waiting)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Enter when nobody else is inside, and keep everybody out."""
        self._waiting += 1
        try:
            await self._until(lambda: self._inside == 0)
            self._inside = -1
        finally:
            self._waiting -= 1
            self._tell()
        try:
            yield
        finally:
            self._inside = 0
            self._tell()

    async def _until(self, free: Callable[[], bool]) -> None:
        while not free():
            self._changed = self._changed or anyio.Event()
            await self._changed.wait()

    def _tell(self) -> None:
        """Have everyone who waits look again."""
        if self._changed:
            self._changed.set()
            self._changed = None
