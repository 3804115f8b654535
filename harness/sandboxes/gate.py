"""Who may run beside whom: many jobs together, or one alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Gate:
    """A readers-writer lock that favours the writer: whoever asks to be alone waits only for those already inside."""

    def __init__(self) -> None:
        self._changed = anyio.Condition()
        self._inside = 0
        self._waiting = 0

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Enter beside others, after everyone who asked to be alone."""
        async with self._changed:
            while self._waiting or self._inside < 0:
                await self._changed.wait()
            self._inside += 1
        try:
            yield
        finally:
            await self._leave(+1)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Enter when nobody else is inside, and keep everybody out."""
        async with self._changed:
            self._waiting += 1
            try:
                while self._inside:
                    await self._changed.wait()
                self._inside = -1
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            await self._leave(-1)

    async def _leave(self, entered: int) -> None:
        with anyio.CancelScope(shield=True):
            async with self._changed:
                self._inside -= entered
                self._changed.notify_all()
