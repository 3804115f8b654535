"""A vLLM server: the OpenAI-compatible API plus `n` samples in one request, its version, its limits and its counters.

Registered as `vllm`. Needs no key; where the entry names a variable (a server started with `--api-key`), it is used.
"""

import time
from typing import Self

from pydantic import JsonValue

from harness.backends.faults import Rejected
from harness.backends.metrics import difference, read_counters
from harness.backends.openai import OpenAIBackend
from harness.errors import FatalProviderError, ProviderError
from harness.records import Request


class VLLMBackend(OpenAIBackend):
    """Answers requests of one model that vLLM serves."""

    samples_per_request = 32
    default_url = "http://localhost:8000/v1"
    down_hint = "Start it with `vllm serve {name}`, or name another: `--model vllm/{name}@http://HOST:8000/v1`."
    not_served_hint = (
        "Name what it serves (`--model vllm/NAME@URL`), or start the server with `--served-model-name` as asked."
    )

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._before: tuple[float, dict[str, float]] | None = None
        return self

    async def check(self) -> dict[str, JsonValue]:
        """See `Backend.check`. Adds `version` and `max_model_len` and takes the counters before the run."""
        facts = await super().check()
        facts |= {"healthy": await self._healthy(), "version": await self._version()}
        facts["max_model_len"] = await self._max_model_len()
        self._before = (time.monotonic(), await self._counters())
        return facts

    async def facts(self) -> dict[str, JsonValue]:
        """What the server's counters grew by since `check`: all clients of this model together, not only this run."""
        facts = await super().facts()
        if self._before is None:
            return facts
        since, before = self._before
        grown = difference(before, await self._counters())
        return {**facts, "server": {"seconds": time.monotonic() - since, **grown}} if grown else facts

    def _batch(self, request: Request) -> tuple[int, ...]:
        """All indices at once; with a seed, only consecutive ones: vLLM gives the i-th choice the seed plus i."""
        if request.sampling.seed is None:
            return request.indices
        first = request.indices[0]
        return tuple(index for place, index in enumerate(request.indices) if index == first + place)

    def _is_listed_as(self, listed: str) -> bool:
        return listed == self.model.served_name

    @property
    def _root(self) -> str:
        return self.base_url.removesuffix("/v1")

    async def _healthy(self) -> bool:
        try:
            await self._client.get(f"{self._root}/health")
        except Rejected as rejected:
            status = rejected.fault.status
        else:
            return True
        if status >= 500:
            raise FatalProviderError(
                f"{self.model.name}: the server at {self._root} is up but not healthy (GET /health answers {status}).",
                "Look into the server's log, and start it again.",
                reason="unhealthy",
            )
        return False  # not every server behind this API has the page

    async def _version(self) -> str | None:
        found = await self._json(f"{self._root}/version")
        version = found.get("version")
        return version if isinstance(version, str) else None

    async def _max_model_len(self) -> int | None:
        listed = (await self._json(f"{self.base_url}/models")).get("data")
        cards = [card for card in listed if isinstance(card, dict)] if isinstance(listed, list) else []
        lengths = [card.get("max_model_len") for card in cards if card.get("id") == self.model.served_name]
        return lengths[0] if lengths and isinstance(lengths[0], int) else None

    async def _json(self, url: str) -> dict[str, JsonValue]:
        try:
            return await self._client.get_json(url)
        except (Rejected, ProviderError):
            return {}

    async def _counters(self) -> dict[str, float]:
        try:
            page = await self._client.get(f"{self._root}/metrics")
        except (Rejected, ProviderError):
            return {}
        return read_counters(page.decode("utf-8", "replace"), self.model.served_name)
