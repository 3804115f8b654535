"""Any OpenAI-compatible API, chat and completions: one sample a request, retried, limited and checked.

docs/backends.md says what is retried, what is sent, and how usage is counted. Registered as `openai`.
"""

import logging
import time
from dataclasses import replace
from difflib import get_close_matches
from types import TracebackType
from typing import Any, Self

from pydantic import JsonValue

from harness.backends.adapt import refused_parameter, with_room, without
from harness.backends.answers import read_completions
from harness.backends.base import Meter
from harness.backends.bodies import cut, request_body
from harness.backends.client import Client, read_key
from harness.backends.faults import Fault, Rejected, shorten, to_error
from harness.backends.limits import AdaptiveLimit
from harness.backends.metering import Unmetered, billed, most_tokens, total_usage
from harness.backends.names import same_model
from harness.backends.retry import RetryPolicy, retried
from harness.errors import FatalProviderError, ProviderError, UserError
from harness.records import Completion, Model, PromptMode, Request, Usage

LISTED = 20
ADAPTATIONS = 6
CHECKS = 3
CHECK_S = 60.0
CANNOT_LIST = {400, 404, 405, 501}

log = logging.getLogger(__name__)


class OpenAIBackend:
    """Answers requests of one model; see `harness.backends.base.Backend` for the contract."""

    samples_per_request = 1
    default_url = "https://api.openai.com/v1"
    down_hint = "Is the server up, and base_url right?"
    not_served_hint = "Correct served_name of this model, or choose one that is served."

    def __init__(self, model: Model, *, policy: RetryPolicy | None = None) -> None:
        self.model = model
        self.meter: Meter = Unmetered()
        self.base_url = (model.base_url or self.default_url).rstrip("/")
        self._policy = policy or RetryPolicy(total_s=max(1800.0, 3 * model.timeout_s))
        self._limit = AdaptiveLimit(model.concurrency)
        self._refused: dict[str, None] = {}
        self._open: Client | None = None

    async def __aenter__(self) -> Self:
        if not self.base_url.startswith(("http://", "https://")):
            raise UserError(
                f"The base_url of {self.model.name} is not a web address: {self.base_url!r}.",
                "It begins with http:// or https:// and usually ends in /v1.",
            )
        hint = self.down_hint.format(name=self.model.served_name)
        self._open = Client(self.base_url, read_key(self.model), self.model.timeout_s, down_hint=hint)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            await self._open.close()
        self._open = None

    async def check(self) -> dict[str, JsonValue]:
        """See `Backend.check`. `listed` is None where the provider does not list its models."""
        served = await self._served()
        if served and not self._lists_it(served):
            raise self._not_served(served)
        return {"base_url": self.base_url, "served_name": self.model.served_name, "listed": bool(served) or None}

    async def facts(self) -> dict[str, JsonValue]:
        """Parameters that the endpoint refused, and that requests went without."""
        return {"refused_parameters": list(self._refused)} if self._refused else {}

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """See `Backend.complete`."""
        return tuple(await self._draw(request, self._batch(request)))

    def most_tokens(self, request: Request) -> tuple[int, Usage | None]:
        """See `MeteredBackend.most_tokens`."""
        indices = self._batch(request)
        return len(indices), most_tokens(self._body(request, indices), self.model.max_output)

    def _batch(self, request: Request) -> tuple[int, ...]:
        """The first of the sample indices, as many as one request may draw."""
        return request.indices[:1]

    def _is_listed_as(self, listed: str) -> bool:
        return same_model(self.model.served_name, listed)

    async def _draw(self, request: Request, indices: tuple[int, ...]) -> list[Completion]:
        """One request with its retries: at least one completion, at most one for each index."""
        body = self._body(request, indices)
        async with self._limit:
            try:
                drawn, attempts = await retried(self._policy, lambda: self._attempt(body, len(indices)))
            except FatalProviderError as error:
                if error.reason != "not_found":
                    raise
                refused: ProviderError = error
            else:
                return [cut(one, request.prompt).model_copy(update={"attempts": attempts}) for one in drawn]
            raise await self._with_what_is_served(refused)

    def _body(self, request: Request, indices: tuple[int, ...]) -> dict[str, Any]:
        body = request_body(self.model, request, indices)
        for parameter in self._refused:
            body = without(body, parameter)
        return body

    async def _attempt(self, body: dict[str, Any], count: int) -> list[Completion]:
        epoch = self._limit.epoch
        try:
            drawn = await self._adapted(body, count)
        except Rejected as rejected:
            error = self._error(rejected.fault)
        else:
            self._limit.succeeded()
            return drawn
        if error.reason == "rate_limited":
            self._limit.throttled(epoch)
        raise error

    async def _adapted(self, body: dict[str, Any], count: int) -> list[Completion]:
        """Ask; where the server plainly says which parameter it refuses, ask again without it."""
        for _ in range(ADAPTATIONS):
            try:
                return await self._ask(body, count)
            except Rejected as rejected:
                changed = self._changed(rejected.fault, body)
                if changed is None:
                    raise
                body = changed
        return await self._ask(body, count)

    async def _ask(self, body: dict[str, Any], count: int) -> list[Completion]:
        mode: PromptMode = "chat" if "messages" in body else "completion"
        async with billed(self.meter, most_tokens(body, self.model.max_output)) as bill:
            started = time.monotonic()
            reply = await self._client.complete(mode, body)
            bill.answered = True
            drawn = read_completions(reply.data, mode, count)
            bill.usage = total_usage(drawn)
        facts = {"latency_s": time.monotonic() - started}
        self._require_same_model(drawn[0].model)
        return [one.model_copy(update={**facts, "request_id": reply.request_id or one.request_id}) for one in drawn]

    def _changed(self, fault: Fault, body: dict[str, Any]) -> dict[str, Any] | None:
        parameter = refused_parameter(fault, body)
        if parameter is None:
            return with_room(fault, body)
        if parameter not in self._refused:
            log.warning("%s refuses the parameter %s: going on without it", self.model.name, parameter)
        self._refused[parameter] = None
        return without(body, parameter)

    def _require_same_model(self, answered: str | None) -> None:
        names = (self.model.served_name, *self.model.aliases)
        if answered is not None and not any(same_model(name, answered) for name in names):
            raise FatalProviderError(
                f"{self.model.name}: asked for {self.model.served_name!r}, but {self.base_url} "
                f"answers as {self._client.blot(shorten(answered))!r}, another model.",
                "Correct served_name, or list that name under aliases where it is the same model.",
                reason="another_model",
            )

    async def _served(self) -> list[str] | None:
        """The names that the endpoint lists; None where it does not list any."""
        patience = replace(self._policy, attempts=CHECKS, total_s=min(CHECK_S, self._policy.total_s))
        try:
            data, _ = await retried(patience, self._list)
        except FatalProviderError:
            raise
        except ProviderError as error:
            raise FatalProviderError(error.message, error.hint, reason=error.reason) from None
        listed = data.get("data")
        names = [item.get("id") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        return [name for name in names if isinstance(name, str)] or None

    async def _list(self) -> dict[str, Any]:
        try:
            return await self._client.get_json(f"{self.base_url}/models")
        except Rejected as rejected:
            fault = rejected.fault
        # Anthropic lists its models only to a request with a header that its OpenAI-compatible API does not use.
        if fault.status in CANNOT_LIST or "x-api-key" in fault.words:
            return {}
        raise self._error(fault)

    async def _with_what_is_served(self, refused: ProviderError) -> ProviderError:
        try:
            served = await self._served()
        except ProviderError:
            return refused
        return self._not_served(served) if served and not self._lists_it(served) else refused

    def _lists_it(self, served: list[str]) -> bool:
        return any(self._is_listed_as(name) for name in served)

    def _not_served(self, served: list[str]) -> FatalProviderError:
        near = get_close_matches(self.model.served_name, served, n=LISTED, cutoff=0.5)
        shown = [*near, *(name for name in served if name not in near)][:LISTED]
        more = f" and {len(served) - len(shown)} more" if len(served) > len(shown) else ""
        names = self._client.blot(", ".join(shown))
        return FatalProviderError(
            f"{self.model.name}: {self.base_url} does not serve {self.model.served_name!r}; it serves {names}{more}.",
            self.not_served_hint,
            reason="not_served",
        )

    def _error(self, fault: Fault) -> ProviderError:
        clean = replace(fault, words=self._client.blot(fault.words))
        return to_error(clean, name=self.model.name, env=self.model.api_key_env)

    @property
    def _client(self) -> Client:
        if self._open is None:
            raise RuntimeError("a backend is used inside `async with`")
        return self._open
