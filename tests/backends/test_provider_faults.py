"""A provider that misbehaves: each fault ends in the right completion or in a clear error, never in a wrong text."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from harness.backends.openai import OpenAIBackend
from harness.backends.retry import RetryPolicy
from harness.errors import FatalProviderError, ProviderError, TransientProviderError
from harness.records import Model, Request
from tests.backends.provider import Behaviour, Provider, Reply, answer, choice, choices, reply, status

pytestmark = pytest.mark.anyio

Make = Callable[..., Model]
Ask = Callable[..., Request]

GOOD = json.dumps({"model": "tiny", "choices": [choice("ok")], "usage": {"prompt_tokens": 10, "completion_tokens": 5}})
QUOTA = {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}
FLAGGED = {"message": "Your input was flagged.", "code": 403, "metadata": {"flagged_input": "Write f."}}
TOO_LONG = {"message": "This model's maximum context length is 100 tokens.", "code": "context_length_exceeded"}

RECOVERED: dict[str, Behaviour] = {
    "429 with Retry-After in seconds": status(429, retry_after="0"),
    "429 with a date that has passed": status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    "429 with retry-after-ms": status(429, retry_after_ms="1"),
    "429 with a Retry-After that nobody can read": status(429, retry_after="soon"),
    "429 without Retry-After": status(429),
    "408": status(408),
    "409": status(409),
    "500": status(500),
    "502 with an HTML page": status(502, "Bad Gateway", html=True),
    "503 with an HTML page": status(503, "Service Unavailable", html=True),
    "504 with an empty body": reply(status=504),
    "529 overloaded": status(529, "Overloaded"),
    "reset before the body": reply(body=GOOD.encode(), reset_after=0),
    "reset in mid-body": reply(body=GOOD.encode(), reset_after=40),
    "closed in mid-body": reply(body=GOOD.encode(), close_after=40),
    "truncated JSON that claims to be whole": reply(body=GOOD[:60].encode(), declare_length=False),
    "invalid JSON": reply(body=b"{'choices': []}"),
    "JSON that is not an object": reply(body=b'"ok"'),
    "an empty body": reply(body=b""),
    "an HTML page with status 200": reply(body=b"<html>captive portal</html>", headers={"content-type": "text/html"}),
    "JSON nested beyond reason": reply(body=b'{"choices":' + b"[" * 200_000),
    "bytes that are not UTF-8": reply(body=GOOD.replace("ok", "\xe9").encode("latin-1")),
    "a body that is not the gzip it claims": reply(body=GOOD.encode(), headers={"content-encoding": "gzip"}),
    "empty choices": choices(),
    "no choices": answer(choices=None),
    "a choice without a message": answer(choices=[{"index": 0}]),
    "a choice that is null": answer(choices=[None]),
    "content that is a number": choices({"index": 0, "message": {"content": 7}}),
    "an error in a body with status 200": reply(body=b'{"error": {"code": 502, "message": "upstream died"}}'),
    "an error in a choice": answer(choices=[{"error": {"code": 500, "message": "cut"}, "message": {"content": "d"}}]),
    "a choice that ends in an error": choices(choice("def f", finish_reason="error")),
}


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED.keys())
async def test_a_passing_fault_is_tried_again(
    fault: Behaviour, model: Make, request_for: Ask, fast: RetryPolicy
) -> None:
    """A fault that passes costs one more attempt and changes nothing else."""
    with Provider(fault) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            (completion,) = await backend.complete(request_for())
    assert (completion.text, completion.attempts) == ("ok", 2)
    assert len(provider.posts) == 2


@pytest.mark.parametrize("fault", RECOVERED.values(), ids=RECOVERED.keys())
async def test_a_lasting_fault_is_an_error(fault: Behaviour, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A fault that stays is a provider's failure after the last attempt, never a completion and so never a verdict."""
    with Provider(then=fault) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError, match="Gave up after 3 attempts") as caught:
                await backend.complete(request_for())
    assert not isinstance(caught.value, TransientProviderError)
    assert len(provider.posts) == 3


FINAL: dict[str, tuple[Behaviour, str, type[ProviderError]]] = {
    "400": (status(400, "temperature must be positive"), "bad_request", ProviderError),
    "400 context too long": (status(400, TOO_LONG), "context_too_long", ProviderError),
    "413": (status(413, "Payload too large"), "context_too_long", ProviderError),
    "422": (reply(status=422, body=b'{"detail": [{"msg": "bad field"}]}'), "bad_request", ProviderError),
    "400 content filter": (
        status(400, {"message": "filtered", "code": "content_filter"}),
        "content_filter",
        ProviderError,
    ),
    "401": (status(401, "Incorrect API key provided"), "bad_key", FatalProviderError),
    "402": (status(402, "Payment required"), "no_credit", FatalProviderError),
    "403": (status(403, "Country not supported"), "forbidden", FatalProviderError),
    "403 for one prompt": (status(403, FLAGGED), "content_filter", ProviderError),
    "405": (status(405, "Method not allowed"), "wrong_endpoint", FatalProviderError),
    "429 insufficient_quota": (status(429, QUOTA), "no_credit", FatalProviderError),
    "a redirect": (
        reply(status=302, headers={"location": "http://127.0.0.1:1/"}),
        "wrong_endpoint",
        FatalProviderError,
    ),
    "another model": (answer(model="tiny-turbo"), "another_model", FatalProviderError),
}


@pytest.mark.parametrize("name", FINAL)
async def test_a_final_fault_is_not_tried_again(name: str, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """What another try cannot mend is asked once and ends in an error with a stable reason."""
    fault, reason, kind = FINAL[name]
    with Provider(fault) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError) as caught:
                await backend.complete(request_for())
    assert caught.value.reason == reason
    assert type(caught.value) is kind
    assert caught.value.hint
    assert len(provider.posts) == 1


async def test_the_servers_own_words_are_passed_on_shortened(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A refusal tells what the server said, on one line and not more than a paragraph."""
    with Provider(status(400, "temperature\nmust be positive " + "x" * 5000)) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError, match=r"400: temperature must be positive x+… ") as caught:
                await backend.complete(request_for())
    assert len(caught.value.message) < 400


async def test_an_unknown_model_is_answered_with_the_list(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A 404 for the model ends in a fatal error that names what the endpoint does serve."""
    with Provider(status(404, "model not found"), serves=["llama-8b", "llama-70b"]) as provider:
        async with OpenAIBackend(model(provider.url, served_name="llama-7b"), policy=fast) as backend:
            with pytest.raises(FatalProviderError, match="it serves llama-70b, llama-8b") as caught:
                await backend.complete(request_for())
    assert caught.value.reason == "not_served"


async def test_an_unknown_model_of_a_provider_without_a_list(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Where the list cannot be had either, the server's words about the model are the error."""
    with Provider(status(404, "no such model")) as provider:
        provider.gets["/v1/models"] = Reply(status=401)
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(FatalProviderError, match="no such model") as caught:
                await backend.complete(request_for())
    assert caught.value.reason == "not_found"


async def test_a_hang_ends_at_the_request_deadline(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A server that accepts and never answers costs one request deadline, then it is asked again."""
    with Provider(reply(hang=True)) as provider:
        async with OpenAIBackend(model(provider.url, timeout_s=1.0), policy=fast) as backend:
            (completion,) = await backend.complete(request_for())
    assert (completion.text, completion.attempts) == ("ok", 2)
    assert completion.latency_s < 1.0


async def test_a_trickle_ends_at_the_request_deadline(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A byte now and then resets a read timeout for ever; the deadline of the whole request still holds."""
    with Provider(reply(body=GOOD.encode(), trickle_s=0.05)) as provider:
        async with OpenAIBackend(model(provider.url, timeout_s=1.0), policy=fast) as backend:
            (completion,) = await backend.complete(request_for())
    assert (completion.text, completion.attempts) == ("ok", 2)


async def test_the_total_deadline_ends_everything(model: Make, request_for: Ask) -> None:
    """However many attempts are left, the total deadline ends a request that hangs."""
    policy = RetryPolicy(attempts=100, base_s=0.001, total_s=0.3)
    with Provider(then=reply(hang=True)) as provider:
        async with OpenAIBackend(model(provider.url, timeout_s=60), policy=policy) as backend:
            with pytest.raises(ProviderError) as caught:
                await backend.complete(request_for())
    assert caught.value.reason == "timeout"


async def test_a_wish_beyond_the_total_deadline_is_told(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A Retry-After that does not fit into the total deadline is not slept through: the error says what was asked."""
    with Provider(then=status(429, retry_after="3600")) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError, match=r"asked to wait 3600 s\. Gave up after 1 attempt"):
                await backend.complete(request_for())


async def test_retry_after_is_waited_for(model: Make, request_for: Ask) -> None:
    """The provider's own wish, in seconds or as a date, is what is waited, plus a little jitter."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    with Provider(status(429, retry_after="7"), status(503, retry_after=soon)) as provider:
        policy = RetryPolicy(sleep=sleep, random=lambda: 0.5)
        async with OpenAIBackend(model(provider.url), policy=policy) as backend:
            (completion,) = await backend.complete(request_for())
    assert completion.attempts == 3
    assert slept[0] == 7.5
    assert 28 < slept[1] <= 30.5


async def test_a_refused_connection_is_fatal_in_the_end(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Where nothing listens, the attempts are used up and the error stops the run instead of failing every sample."""
    with Provider() as provider:
        url = provider.url
    async with OpenAIBackend(model(url), policy=fast) as backend:
        with pytest.raises(FatalProviderError, match="No endpoint answers at") as caught:
            await backend.complete(request_for())
    assert caught.value.reason == "unreachable"


async def test_a_huge_body_is_cut_off(
    model: Make, request_for: Ask, fast: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer without end does not fill the memory."""
    monkeypatch.setattr("harness.backends.client.MAX_BODY", 100_000)
    with Provider(reply(body=b" " * 1_000_000 + GOOD.encode())) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            (completion,) = await backend.complete(request_for())
    assert completion.attempts == 2


async def test_the_key_follows_no_redirect(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A redirect to another server is reported; the other server never sees a request, let alone the key."""
    with Provider() as other:
        moved = Reply(status=307, headers={"location": f"{other.url}/chat/completions"})
        with Provider(lambda _: moved) as provider:
            async with OpenAIBackend(model(provider.url), policy=fast) as backend:
                with pytest.raises(FatalProviderError, match="307"):
                    await backend.complete(request_for())
    assert other.requests == []
