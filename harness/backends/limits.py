"""How many requests of one model may be under way: additive increase, multiplicative decrease (Chiu and Jain 1989)."""

from types import TracebackType

import anyio


class AdaptiveLimit:
    """A limit on concurrent requests that halves when the provider says 429 and grows back slowly.

    Used as an async context manager around one request and its retries, so that a request which waits for its next
    try keeps its place and the load stays down. Requests that were under way together and are all refused count as
    one refusal: pass `throttled` the `epoch` that was read when the request was sent.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._allowed = float(maximum)
        self._places = anyio.CapacityLimiter(maximum)
        self.epoch = 0

    @property
    def allowed(self) -> int:
        """Requests that may be under way now: between 1 and the maximum."""
        return int(self._allowed)

    async def __aenter__(self) -> None:
        await self._places.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()

    def throttled(self, epoch: int) -> None:
        """The provider refused a request sent at `epoch`: halve, unless that was done since."""
        if epoch == self.epoch:
            self.epoch += 1
            self._set(self._allowed / 2)

    def succeeded(self) -> None:
        """A request was answered: a whole round of answers makes room for one more request."""
        self._set(self._allowed + 1 / self._allowed)

    def _set(self, allowed: float) -> None:
        self._allowed = min(float(self._maximum), max(1.0, allowed))
        self._places.total_tokens = self.allowed
