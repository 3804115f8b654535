"""The one place that talks HTTP: OpenAI's own client without its retries, every fault turned into one of ours.

A key leaves this module in the request's header only: never in a message, a log, a `repr`, or the chain of an
exception (errors are raised outside of the `except` block, so that no client exception with its request hangs on).
"""

import json
import os
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import httpx
import httpx2
import openai

from harness.backends.answers import malformed, read_body
from harness.backends.faults import Rejected, read_fault
from harness.errors import ProviderError, TransientProviderError, UserError
from harness.records import Model, PromptMode

T = TypeVar("T")

NO_KEY = "EMPTY"
MAX_BODY = 64 * 1024 * 1024
CONNECT_S = 30.0

HEADERS = {
    "host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "user-agent"
}  # fmt: skip
OPENAI_HOST = "api.openai.com"
OPENAI_HEADERS = {"openai-organization", "openai-project"}

# openai's client speaks through httpx2; the server's own pages, which are no part of its API, are read with httpx
BROKEN = (openai.APIConnectionError, httpx2.RequestError, httpx.RequestError, ssl.SSLError, anyio.EndOfStream)
TIMEOUTS = (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException, httpx.TimeoutException)


@dataclass(frozen=True)
class Reply:
    """A body that is a JSON object, and the server's id of the request where it gave one."""

    data: dict[str, Any]
    request_id: str | None


def read_key(model: Model) -> str:
    """The key of `model`, from its environment variable; a placeholder where the entry names none.

    Raises:
        UserError: the variable is not set, or holds something that is not a key.
    """
    if model.api_key_env is None:
        return NO_KEY
    key = os.environ.get(model.api_key_env, "").strip()
    if not key:
        raise UserError(
            f"{model.name} needs a key in the environment variable {model.api_key_env}, which is not set.",
            f"export {model.api_key_env}=... and try again; `harness models show {model.name}` tells more.",
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UserError(f"{model.api_key_env} holds characters that no key has.", "Set it anew, without line breaks.")
    return key


class Client:
    """One endpoint and one key. Every call makes exactly one request and lasts `timeout_s` at most."""

    def __init__(self, base_url: str, key: str, timeout_s: float, *, down_hint: str = "") -> None:
        self._key = key
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._down_hint = down_hint
        timeout = httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        # A redirect may lead to a login page or another host: it is reported, never followed with a key.
        http = openai.DefaultAsyncHttpxClient(
            timeout=timeout, follow_redirects=False, event_hooks={"request": [self._only_ours]}
        )
        self._openai = openai.AsyncOpenAI(
            api_key=key, base_url=base_url, max_retries=0, timeout=timeout, http_client=http
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._openai.close()

    def blot(self, text: str) -> str:
        """`text` without the key, for words that come from the server: it may echo what it was sent."""
        return text if self._key == NO_KEY else text.replace(self._key, "[key]")

    async def complete(self, mode: PromptMode, body: dict[str, Any]) -> Reply:
        """POST `body` to chat/completions or completions.

        Raises:
            Rejected: the server answered with an error status.
            TransientProviderError: no connection, no answer in time, or one that broke off or cannot be read.
        """
        return await self._guarded(self._send(mode, body))

    async def get(self, url: str) -> bytes:
        """The body at `url`, absolute or relative to the endpoint; raises as `complete` does."""
        return await self._guarded(self._fetch(url))

    async def get_json(self, url: str) -> dict[str, Any]:
        """The JSON value at `url`, a list wrapped as `{"data": list}`; raises as `complete` does."""
        body = await self.get(url)
        return read_body(b'{"data": %s}' % body if body.lstrip()[:1] == b"[" else body)

    async def _only_ours(self, request: httpx2.Request) -> None:
        """Drop what the client adds from OPENAI_... variables: it is meant for OpenAI, not for whoever is asked."""
        ours = HEADERS | OPENAI_HEADERS if request.url.host == OPENAI_HOST else HEADERS
        for name in list(request.headers):
            if name not in ours and not name.startswith("x-stainless-"):
                del request.headers[name]
        request.headers["authorization"] = f"Bearer {self._key}"

    async def _guarded(self, call: Awaitable[T]) -> T:
        try:
            with anyio.fail_after(self._timeout_s):
                return await call
        except TransientProviderError as caught:
            error: Exception = TransientProviderError(self.blot(caught.message), reason=caught.reason)
        except (openai.OpenAIError, TimeoutError, UnicodeEncodeError, *BROKEN) as caught:
            error = self._translate(caught)
        raise error

    async def _send(self, mode: PromptMode, body: dict[str, Any]) -> Reply:
        rest = {name: value for name, value in body.items() if name not in ("model", "messages", "prompt")}
        chat, plain = self._openai.chat.completions, self._openai.completions
        request = (
            chat.with_streaming_response.create(model=body["model"], messages=body["messages"], extra_body=rest)
            if mode == "chat"
            else plain.with_streaming_response.create(model=body["model"], prompt=body["prompt"], extra_body=rest)
        )
        async with request as response:
            received = bytearray()
            async for chunk in response.iter_bytes():
                received += chunk
                if len(received) > MAX_BODY:
                    raise malformed(f"is longer than {MAX_BODY // 2**20} MiB")
            return Reply(read_body(bytes(received)), response.headers.get("x-request-id"))

    async def _fetch(self, url: str) -> bytes:
        headers = {"authorization": f"Bearer {self._key}", "accept": "*/*"}
        timeout = httpx.Timeout(self._timeout_s, connect=min(self._timeout_s, CONNECT_S))
        async with httpx.AsyncClient(base_url=self._base_url, headers=headers, timeout=timeout) as pages:
            response = await pages.get(url)
        if response.is_success:
            return response.content
        raise Rejected(read_fault(response.status_code, _error_in(response.text), response.headers, response.text))

    def _translate(self, caught: Exception) -> Exception:
        if isinstance(caught, openai.APIStatusError):
            return Rejected(read_fault(caught.status_code, caught.body, caught.response.headers, caught.response.text))
        if isinstance(caught, TIMEOUTS):
            return self._unanswered(caught)
        if isinstance(caught, BROKEN):
            return self._broken(caught)
        return ProviderError(f"The request cannot be sent: {type(caught).__name__}.", reason="bad_request")

    def _unanswered(self, caught: Exception) -> Exception:
        if _is(caught, httpx2.ConnectTimeout, httpx.ConnectTimeout):
            return self._unreachable("no connection in time")
        return TransientProviderError(
            f"{self._base_url} gave no whole answer in {self._timeout_s:g} s.", reason="timeout"
        )

    def _broken(self, caught: Exception) -> Exception:
        cause = caught.__cause__ or caught
        if _is(caught, httpx2.ConnectError, httpx.ConnectError):
            return self._unreachable(str(cause))
        said = f"The connection to {self._base_url} broke: {str(cause) or type(cause).__name__}."
        return TransientProviderError(self.blot(said), reason="connection")

    def _unreachable(self, why: str) -> TransientProviderError:
        said = f"No endpoint answers at {self._base_url}: {why}."
        return TransientProviderError(said, self._down_hint, reason="unreachable")


def _is(caught: Exception, *kinds: type[Exception]) -> bool:
    """Whether `caught` is of one of `kinds`, or wraps one as openai's client does."""
    return isinstance(caught, kinds) or isinstance(caught.__cause__, kinds)


def _error_in(text: str) -> object:
    """The `error` of an error body, or None: servers also answer in HTML."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body.get("error", body) if isinstance(body, dict) else body
