"""What a backend is: something that answers requests for completions; and what keeps count of the money it spends."""

from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from pydantic import JsonValue

from harness.records import Completion, Model, Request, Usage


class Backend(Protocol):
    """Answers requests of one model. Built as `Backend(model)`, used as an async context manager."""

    def __init__(self, model: Model) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def samples_per_request(self) -> int:
        """How many samples of one problem one request may ask for (1 where the API has no `n`)."""

    async def check(self) -> dict[str, JsonValue]:
        """Make sure that the endpoint is there and serves the model; costs nothing. Returns what it said of itself.

        Raises:
            UserError: the key's variable is not set.
            FatalProviderError: no endpoint answers, or it serves other models (the message names them).
        """

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """Completions for the first of `request.indices`, in that order: at least one, with retries already made.

        Whoever asks asks again for the rest, so that what one request brought is never lost to the failure of another.

        Raises:
            ProviderError: the request failed for good; the samples stay unscored.
            FatalProviderError: so will every other request.
        """

    async def facts(self) -> dict[str, JsonValue]:
        """Server-side measurements of this run (vLLM's counters); empty where there are none."""


class Meter(Protocol):
    """Told of every request that may be billed, before it is sent and when its price is known."""

    async def reserve(self, most: Usage | None) -> int:
        """Wait until the budget has room for a request of `most` tokens (None: nothing bounds it); returns its number.

        Raises:
            BudgetError: it might exceed the budget even if everything under way cost nothing. It must not be sent.
        """

    def settle(self, request: int, usage: Usage | None) -> None:
        """The request was billed `usage`; None where that is not known and `most` has to be assumed."""


@runtime_checkable
class MeteredBackend(Protocol):
    """A backend that spends money and asks `meter`, which its user may replace, before each request that it sends."""

    meter: Meter

    def most_tokens(self, request: Request) -> tuple[int, Usage | None]:
        """How many samples the next request for `request` would ask for, and the most tokens it can be billed."""
