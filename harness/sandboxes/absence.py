"""An engine that went away: waited for once on behalf of all jobs, so that thousands of them fail in no time."""

import anyio

from harness.sandboxes.engine import Engine

BACK_S = 20.0
"""How long an engine is waited for that has just gone away."""

_STILL_BACK_S = 1.0
_ASK_EVERY_S = 5.0


class Absence:
    """Whether the engine is away, as the jobs of one sandbox have found out."""

    def __init__(self, engine: Engine) -> None:
        self.known = False
        self._engine = engine
        self._lock = anyio.Lock()
        self._asked = 0.0

    async def over(self) -> bool:
        """True as soon as the engine answers again; false where it does not within reason."""
        async with self._lock:
            if self.known and anyio.current_time() - self._asked < _ASK_EVERY_S:
                return False
            self.known = not await self._engine.back(_STILL_BACK_S if self.known else BACK_S)
            self._asked = anyio.current_time()
            return not self.known
