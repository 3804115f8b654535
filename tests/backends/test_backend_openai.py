"""The openai backend over real HTTP: what it sends, what it makes of answers, and that a key never leaks."""

import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import anyio
import pytest

from harness.backends.openai import OpenAIBackend
from harness.backends.retry import RetryPolicy
from harness.errors import FatalProviderError, HarnessError, ProviderError, UserError
from harness.records import Completion, Model, Request
from tests.backends.conftest import ENV, KEY, complete_all
from tests.backends.provider import Behaviour, Body, Provider, Reply, answer, choice, choices, message, reply, status

pytestmark = pytest.mark.anyio

Make = Callable[..., Model]
Ask = Callable[..., Request]


async def ask(provider: Provider, model: Model, request: Request, policy: RetryPolicy) -> tuple[Completion, ...]:
    """The completions of one request through a backend of its own."""
    async with OpenAIBackend(model, policy=policy) as backend:
        return tuple(await complete_all(backend, request))


async def test_a_right_answer_becomes_a_completion(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Text, finish reason, usage, latency, attempts, model and request id are recorded."""
    with Provider(answer("def f(): ...", model="tiny-2024-08-06", delay_s=0.02)) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert (completion.text, completion.finish_reason, completion.model) == ("def f(): ...", "stop", "tiny-2024-08-06")
    assert completion.usage is not None
    assert (completion.usage.input, completion.usage.output) == (10, 5)
    assert (completion.attempts, completion.request_id) == (1, "cmpl-1")
    assert completion.latency_s >= 0.02


async def test_a_chat_request_holds_what_the_sampling_says(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Chat mode sends messages, no stop sequences, the sampling, the entry's extra fields, and the key as bearer."""
    with Provider() as provider:
        wanted = request_for(temperature=0.8, top_p=0.9, max_tokens=99, stop=("\nclass",))
        await ask(provider, model(provider.url, extra_body={"top_k": 5, "top_p": None}), wanted, fast)
        (sent,) = provider.posts
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Write f."}],
        "temperature": 0.8,
        "max_tokens": 99,
        "top_k": 5,
    }


async def test_a_completion_request_sends_stops_and_cuts_at_the_rest(
    model: Make, request_for: Ask, fast: RetryPolicy
) -> None:
    """The API takes four stop sequences: a fifth one that it could not honour ends the text all the same."""
    with Provider(answer(" return 1\nassert f()\nif x")) as provider:
        stops = ("\nclass", "\ndef", "\n#", "\nif", "\nassert")
        (completion,) = await ask(provider, model(provider.url), request_for(mode="completion", stop=stops), fast)
        (sent,) = provider.posts
    assert sent.path == "/v1/completions"
    assert (sent.body["prompt"], sent.body["stop"]) == ("def f():", list(stops[:4]))
    assert (completion.text, completion.finish_reason) == (" return 1", "stop")


async def test_the_entry_decides_what_the_run_leaves_open(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Sampling of the run beats the entry's; what neither says is not sent."""
    with Provider() as provider:
        tiny = model(provider.url, temperature=0.3, max_tokens=7)
        await ask(provider, tiny, request_for(temperature=None, max_tokens=None), fast)
        await ask(provider, tiny, request_for(temperature=0.0, max_tokens=9), fast)
        await ask(provider, model(provider.url), request_for(temperature=None, max_tokens=None), fast)
        sent = [(post.body.get("temperature"), post.body.get("max_tokens")) for post in provider.posts]
    assert sent == [(0.3, 7), (0.0, 9), (None, None)]


async def test_every_sample_has_a_seed_of_its_own(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Samples of one seeded problem get seeds one apart, or they would all be the same sample."""
    with Provider() as provider:
        completions = await ask(provider, model(provider.url), request_for(3, seed=40), fast)
        assert [post.body["seed"] for post in provider.posts] == [40, 41, 42]
    assert len(completions) == 3
    assert all("n" not in post.body for post in provider.posts)


CONTENTS: dict[str, tuple[Behaviour, str]] = {
    "null content": (message(None), ""),
    "content absent": (answer(choices=[{"index": 0, "message": {"role": "assistant"}}]), ""),
    "a tool call only": (message(None, tool_calls=[{"type": "function", "function": {"name": "f"}}]), ""),
    "parts": (
        choices(
            {"message": {"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}}
        ),
        "ab",
    ),
    "half a surrogate pair": (reply(body=b'{"choices": [{"message": {"content": "a\\ud800b"}}]}'), "a\ufffdb"),
    "a whole surrogate pair": (reply(body=b'{"choices": [{"message": {"content": "\\ud83d\\ude00"}}]}'), "\U0001f600"),
    "more choices than asked for": (choices(choice("b", 1), choice("a", 0)), "a"),
    "no index": (answer(choices=[{"message": {"content": "a"}}]), "a"),
    "the placeholder of a key": (message("EMPTY = []"), "EMPTY = []"),
}


@pytest.mark.parametrize("name", CONTENTS)
async def test_odd_content_is_read_as_what_it_is(name: str, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """An answer without text is the model's own empty answer (no_code), and other odd shapes lose no text."""
    behaviour, text = CONTENTS[name]
    with Provider(behaviour) as provider:
        (completion,) = await ask(provider, model(provider.url, api_key_env=None), request_for(), fast)
    assert (completion.text, completion.attempts) == (text, 1)


async def test_a_short_key_does_not_change_an_answer(
    model: Make, request_for: Ask, fast: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are blotted out of messages, not of answers: a key `x` would break every program, a false failure."""
    monkeypatch.setenv(ENV, "x")
    with Provider(message("x = max(xs)")) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert completion.text == "x = max(xs)"


async def test_a_refusal_is_recorded(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A refusal is the model's answer: no text, the refusal beside it."""
    with Provider(message(None, refusal="I can't help with that.")) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert (completion.text, completion.refusal) == ("", "I can't help with that.")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_kept_apart(field: str, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Code that the model only thought of is not its answer."""
    with Provider(message("def f(): return 1", **{field: "```python\ndef f(): return 2\n```"})) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert completion.text == "def f(): return 1"
    assert completion.reasoning == "```python\ndef f(): return 2\n```"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_a_cut_answer_says_so(reason: str, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """An answer that was cut off is kept with the reason, not tried again: it was paid for."""
    with Provider(choices(choice("def f(", finish_reason=reason))) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert (completion.text, completion.finish_reason, completion.attempts) == ("def f(", reason, 1)


@pytest.mark.parametrize("usage", [None, {}, "many", {"prompt_tokens": -1, "completion_tokens": 5}])
async def test_missing_usage_is_none(usage: object, model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Usage that is missing or nonsense is unknown, not zero."""
    with Provider(answer(usage=usage)) as provider:
        (completion,) = await ask(provider, model(provider.url), request_for(), fast)
    assert (completion.text, completion.usage) == ("ok", None)


def picky(*refused: str) -> Behaviour:
    """A provider of newer models: it refuses these parameters in OpenAI's words."""

    def behave(request: Body) -> Reply:
        for name in refused:
            if name in request:
                words = f"Unsupported parameter: '{name}' is not supported with this model."
                return status(400, {"message": words, "code": "unsupported_parameter", "param": name})(request)
        return answer()(request)

    return behave


async def test_refused_parameters_are_left_out_once_and_for_all(
    model: Make, request_for: Ask, fast: RetryPolicy
) -> None:
    """Where a model takes no temperature and another name for max_tokens, requests go on so, and the run tells."""
    with Provider(then=picky("max_tokens", "temperature")) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            await backend.complete(request_for(max_tokens=50))
            (second,) = await backend.complete(request_for(max_tokens=50))
            facts = await backend.facts()
        assert provider.posts[-1].body["max_completion_tokens"] == 50
        assert len(provider.posts) == 4
    assert second.attempts == 1
    assert facts == {"refused_parameters": ["max_tokens", "temperature"]}


ROOM = {
    "openai": "This model's maximum context length is 100 tokens. However, you "
    "requested 110 tokens (60 in the messages, 50 in the completion).",
    "vllm": "This model's maximum context length is 100 tokens and your request has 60 input tokens (50 > 100 - 60).",
    "vLLM 0.32": "max_tokens=50 cannot be greater than max_model_len=40. Please request fewer output tokens.",
    "OpenAI's ceiling": "max_tokens is too large: 50. This model supports at most 40 completion tokens, whereas ...",
    "Anthropic's ceiling": "max_tokens: 50 > 40, which is the maximum allowed number of output tokens for tiny",
}


@pytest.mark.parametrize("words", ROOM.values(), ids=ROOM.keys())
async def test_less_is_asked_for_where_the_context_is_full(
    words: str, model: Make, request_for: Ask, fast: RetryPolicy
) -> None:
    """A prompt that leaves less room than max_tokens is answered within the room there is, in that request only."""
    with Provider(status(400, words)) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            await backend.complete(request_for(max_tokens=50))
            await backend.complete(request_for(max_tokens=50))
        assert [post.body["max_tokens"] for post in provider.posts] == [50, 40, 50]


async def test_half_is_asked_for_where_the_room_is_not_told(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A server that stops counting ("at least") is asked for half as much until it fits."""
    words = "maximum context length is 100 tokens. However, your prompt contains at least 11 input tokens"
    with Provider(status(400, words), status(400, words)) as provider:
        await ask(provider, model(provider.url), request_for(max_tokens=90), fast)
        assert [post.body["max_tokens"] for post in provider.posts] == [90, 45, 22]


async def test_the_limit_halves_on_429_and_comes_back(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A burst that is refused leads to fewer requests at once; answers bring them back one by one."""
    with Provider(*[status(429, retry_after="0")] * 8, then=answer(delay_s=0.02)) as provider:
        patient = replace(fast, attempts=9)  # one request may meet all eight refusals
        async with OpenAIBackend(model(provider.url, concurrency=8), policy=patient) as backend:
            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(backend.complete, request_for())
            lowered = backend._limit.allowed
            for _ in range(40):
                await backend.complete(request_for())
    assert lowered < 8
    assert backend._limit.allowed == 8
    assert provider.most_at_once <= 8


async def test_no_more_requests_at_once_than_the_entry_allows(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """`concurrency` bounds the requests under way, whoever asks."""
    with Provider(then=answer(delay_s=0.01)) as provider:
        async with (
            OpenAIBackend(model(provider.url, concurrency=3), policy=fast) as backend,
            anyio.create_task_group() as group,
        ):
            for _ in range(12):
                group.start_soon(backend.complete, request_for())
    assert provider.most_at_once == 3


async def test_check_finds_the_model(model: Make, fast: RetryPolicy) -> None:
    """An endpoint that lists the model, or a snapshot of it, is fine."""
    with Provider(serves=["models/tiny-001", "other"]) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            assert (await backend.check())["listed"] is True


async def test_check_says_what_is_served_instead(model: Make, fast: RetryPolicy) -> None:
    """An endpoint that serves other models is a fatal error with their names, the nearest first, not all of 345."""
    names = [f"model-{number}" for number in range(344)]
    with Provider(serves=[*names, "tiny-chat"]) as provider:
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(
                FatalProviderError, match=r"does not serve 'tiny'; it serves tiny-chat, .* and 325 more"
            ):
                await backend.check()


@pytest.mark.parametrize(
    "listing",
    [
        Reply(status=404),
        Reply(body=b"{}"),
        Reply(body=b'{"data": [7, {}]}'),
        Reply(status=401, body=b'{"error": {"message": "x-api-key header is required"}}'),
    ],
)
async def test_check_accepts_an_endpoint_that_lists_nothing(listing: Reply, model: Make, fast: RetryPolicy) -> None:
    """Not every compatible API lists its models: then the first request will tell."""
    with Provider() as provider:
        provider.gets["/v1/models"] = listing
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            assert (await backend.check())["listed"] is None


async def test_check_reads_a_bare_list(model: Make, fast: RetryPolicy) -> None:
    """A provider that lists its models without an envelope is understood."""
    with Provider() as provider:
        provider.gets["/v1/models"] = Reply(body=b'[{"id": "tiny"}]')
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            assert (await backend.check())["listed"] is True


@pytest.mark.parametrize(
    ("listing", "reason"),
    [(Reply(status=401), "bad_key"), (Reply(status=500), "server_error"), (Reply(body=b"<html>"), "malformed_answer")],
)
async def test_check_fails_where_nothing_can_work(listing: Reply, reason: str, model: Make, fast: RetryPolicy) -> None:
    """A refused key, a broken server, a web page: found before any problem is sent."""
    with Provider() as provider:
        provider.gets["/v1/models"] = listing
        async with OpenAIBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(FatalProviderError) as caught:
                await backend.check()
    assert caught.value.reason == reason


async def test_check_fails_where_nothing_listens(model: Make, fast: RetryPolicy) -> None:
    """An endpoint that is not there is a fatal error that names the address."""
    with Provider() as provider:
        url = provider.url
    async with OpenAIBackend(model(url), policy=fast) as backend:
        with pytest.raises(FatalProviderError, match=f"No endpoint answers at {url}"):
            await backend.check()


async def test_a_missing_key_names_its_variable(
    model: Make, fast: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key nothing is asked: the error says which variable to set."""
    monkeypatch.delenv(ENV)
    with pytest.raises(UserError, match=ENV):
        async with OpenAIBackend(model("http://127.0.0.1:9/v1"), policy=fast):
            pass


async def test_a_key_that_is_none_is_not_shown(model: Make, fast: RetryPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with a line break or a typographic quote in it is refused without being repeated."""
    monkeypatch.setenv(ENV, "“sk-secret”")
    with pytest.raises(UserError, match=ENV) as caught:
        async with OpenAIBackend(model("http://127.0.0.1:9/v1"), policy=fast):
            pass
    assert "sk-secret" not in "".join(traceback.format_exception(caught.value))


async def test_an_address_that_is_none_is_the_users_error(model: Make, fast: RetryPolicy) -> None:
    """base_url without http:// is told before anything is sent."""
    with pytest.raises(UserError, match="not a web address"):
        async with OpenAIBackend(model("localhost:8000/v1"), policy=fast):
            pass


async def test_openais_own_settings_go_to_openai_only(
    model: Make, request_for: Ask, fast: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPENAI_... variables of the machine reach no other endpoint: neither its organisation nor another key."""
    ambient = {"API_KEY": "other-1", "ORG_ID": "other-2", "PROJECT_ID": "other-3", "ADMIN_KEY": "other-4"}
    ambient |= {"BASE_URL": "http://other-5", "CUSTOM_HEADERS": "Authorization: Bearer other-6\nX-Gateway: other-7"}
    for name, value in ambient.items():
        monkeypatch.setenv(f"OPENAI_{name}", value)
    with Provider() as provider:
        await ask(provider, model(provider.url), request_for(), fast)
        async with OpenAIBackend(model(provider.url, api_key_env=None), policy=fast) as backend:
            await backend.check()
        with_key, without_key = (received.headers for received in provider.requests)
    assert (with_key["authorization"], without_key["authorization"]) == (f"Bearer {KEY}", "Bearer EMPTY")
    assert "other-" not in str([with_key, without_key])


LEAKY: dict[str, Behaviour] = {
    "the key in a message": status(401, f"Incorrect API key provided: {KEY}"),
    "the key in an HTML page": status(400, f"bad header Bearer {KEY}", html=True),
    "the key across the cut": status(400, "x" * 290 + KEY),
    "the key in a broken body": reply(body=f"<html>Bearer {KEY}".encode()),
    "the key as the model": answer(model=f"tiny {KEY}"),
    "the key in a 200 error": reply(body=json.dumps({"error": {"code": 400, "message": KEY}}).encode()),
    "a plain fault": status(500),
    "a dropped connection": reply(body=b"abc", reset_after=1),
}


@pytest.mark.parametrize("fault", LEAKY.values(), ids=LEAKY.keys())
async def test_the_key_never_leaks(
    fault: Behaviour, model: Make, request_for: Ask, fast: RetryPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a provider echoes, the key is in no message, no chained exception, no log record and no repr."""
    caplog.set_level(logging.DEBUG)
    with Provider(then=fault) as provider:
        backend = OpenAIBackend(model(provider.url), policy=fast)
        async with backend:
            with pytest.raises(ProviderError) as caught:
                await backend.complete(request_for())
            shown = [repr(backend), repr(vars(backend)), repr(backend._open)]
    chain: list[BaseException] = [caught.value]
    while following := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(following)
    assert all(isinstance(error, HarnessError | TimeoutError) for error in chain)
    shown += [text for error in chain for text in (str(error), repr(error), repr(vars(error)))]
    shown += [record.getMessage() for record in caplog.records]
    assert not [text for text in shown if KEY in text or KEY[:12] in text]
