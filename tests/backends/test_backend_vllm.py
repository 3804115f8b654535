"""The vllm backend over real HTTP to a stub: n samples in one request, what the server says of itself, its counters."""

from collections.abc import Callable

import pytest

from harness.backends.metrics import difference, read_counters
from harness.backends.retry import RetryPolicy
from harness.backends.vllm import VLLMBackend
from harness.errors import FatalProviderError, ProviderError
from harness.records import Model, Request
from tests.backends.conftest import complete_all
from tests.backends.provider import Provider, Reply, answer, choice, choices, status

pytestmark = pytest.mark.anyio

Make = Callable[..., Model]
Ask = Callable[..., Request]


async def test_n_samples_are_one_request(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Ten samples cost one request, in the order of their index, the usage divided among them and marked so."""
    shuffled = [choice(f"answer {index}", index) for index in (3, 0, 2, 1)]
    usage = {"prompt_tokens": 11, "completion_tokens": 21}
    with Provider(choices(*shuffled, usage=usage), vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            completions = await backend.complete(request_for(4))
        assert [post.body["n"] for post in provider.posts] == [4]
    assert [completion.text for completion in completions] == [f"answer {index}" for index in range(4)]
    parts = [completion.usage for completion in completions if completion.usage]
    assert (sum(part.input for part in parts), sum(part.output for part in parts)) == (11, 21)
    assert all(part.apportioned for part in parts)


async def test_one_sample_is_asked_without_n(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A single sample has its usage whole."""
    with Provider(vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            (completion,) = await backend.complete(request_for())
        assert "n" not in provider.posts[0].body
    assert completion.usage is not None
    assert not completion.usage.apportioned


async def test_missing_choices_are_asked_for_again(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Fewer choices than asked for: what came is kept, the rest is asked for."""
    with Provider(choices(choice("a", 0), choice("b", 1)), answer("c"), vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            completions = await complete_all(backend, request_for(3, seed=7))
        assert [(post.body.get("n", 1), post.body["seed"]) for post in provider.posts] == [(3, 7), (1, 9)]
    assert [completion.text for completion in completions] == ["a", "b", "c"]


async def test_one_answer_twice_is_not_two_samples(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Two choices of one index would count one sample twice, a false pass@k: they are refused."""
    with Provider(then=choices(choice("a", 0), choice("a", 0)), vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError, match="two choices of one index"):
                await backend.complete(request_for(2))


async def test_seeded_gaps_are_requests_of_their_own(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """On resume each sample gets the seed that it had in the first run: vLLM counts on from the first of a request."""
    with Provider(vllm=True) as provider:
        wanted = request_for(8, seed=100).model_copy(update={"indices": (0, 3, 4, 7)})
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            assert len(await complete_all(backend, wanted)) == 4
        assert [(post.body["seed"], post.body.get("n", 1)) for post in provider.posts] == [(100, 1), (103, 2), (107, 1)]


async def test_check_tells_what_the_server_is(model: Make, fast: RetryPolicy) -> None:
    """Health, version and context length are recorded, and no key is needed."""
    with Provider(vllm=True) as provider:
        async with VLLMBackend(model(provider.url, api_key_env=None), policy=fast) as backend:
            facts = await backend.check()
    assert (facts["healthy"], facts["version"], facts["max_model_len"]) == (True, "0.9.9", 2048)


async def test_check_names_what_is_served(model: Make, fast: RetryPolicy) -> None:
    """VLLM serves exactly the names it lists: anything else is an error that says how to name it."""
    with Provider(vllm=True, serves=["tiny-001"]) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(FatalProviderError, match=r"it serves tiny-001\. .*--model vllm/NAME@URL"):
                await backend.check()


async def test_a_server_that_is_down_says_how_to_start_it(model: Make, fast: RetryPolicy) -> None:
    """Where no vLLM listens, the error has the command that starts one."""
    with Provider() as provider:
        url = provider.url
    async with VLLMBackend(model(url), policy=fast) as backend:
        with pytest.raises(FatalProviderError, match=r"No endpoint answers at .*vllm serve tiny"):
            await backend.check()


async def test_an_unhealthy_server_is_an_error(model: Make, fast: RetryPolicy) -> None:
    """A server whose engine died still lists its models: /health tells before any problem is sent."""
    with Provider(vllm=True) as provider:
        provider.gets["/health"] = Reply(status=503)
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(FatalProviderError, match="503"):
                await backend.check()


async def test_a_server_that_is_not_vllm_will_do(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A compatible server without vLLM's pages is used, with fewer facts."""
    with Provider() as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            facts = await backend.check()
            await backend.complete(request_for())
            assert await backend.facts() == {}
    assert (facts["healthy"], facts["version"]) == (False, None)


async def test_facts_are_what_the_counters_grew_by(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """Server-side tokens of the run are the difference of the counters before and after; a prompt counts per sample."""
    with Provider(vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            assert await backend.facts() == {}
            await backend.check()
            await backend.complete(request_for(3))
            await backend.complete(request_for(1))
            server = (await backend.facts())["server"]
    assert isinstance(server, dict)
    assert (server["prompt_tokens"], server["generation_tokens"]) == (40, 20)


async def test_a_full_context_is_no_crash(model: Make, request_for: Ask, fast: RetryPolicy) -> None:
    """A prompt beyond max_model_len is the request's own error in the server's words."""
    words = (
        "This model's maximum context length is 2048 tokens. However, your prompt contains at least 2049 input tokens, "
    )
    words += "which exceeds this limit even without any output tokens."
    with Provider(status(400, words), vllm=True) as provider:
        async with VLLMBackend(model(provider.url), policy=fast) as backend:
            with pytest.raises(ProviderError, match="maximum context length is 2048") as caught:
                await backend.complete(request_for())
    assert caught.value.reason == "context_too_long"


PAGE = """\
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="tiny"} 1.5e+03
vllm:prompt_tokens_total{engine="1",model_name="tiny"} 500.0 1714000000000
vllm:prompt_tokens_total{engine="0",model_name="other {\\"x\\"}"} 7.0
vllm:generation_tokens_total{engine="0",model_name="tiny"} NaN
vllm:prefix_cache_hits_total{engine="0",model_name="tiny"} many
vllm:e2e_request_latency_seconds_bucket{le="+Inf",model_name="tiny"} 3.0
vllm:e2e_request_latency_seconds_sum{model_name="tiny"} 0.25
vllm:request_success_total{finished_reason="stop",model_name="tiny"} 2.0
vllm:request_success_total{finished_reason="length",model_name="tiny"} 1.0
not a metric at all
"""


def test_counters_are_summed_over_engines() -> None:
    """Only the wanted counters of the wanted model count, all engines and labels together."""
    assert read_counters(PAGE, "tiny") == {"prompt_tokens": 2000.0, "request_latency_s": 0.25, "requests": 3.0}


def test_a_restarted_server_has_no_difference() -> None:
    """Counters that went back were reset in between: no numbers are better than wrong ones."""
    assert difference({"requests": 5.0, "prompt_tokens": 10.0}, {"requests": 2.0, "prompt_tokens": 50.0}) == {}
    assert difference({"requests": 5.0}, {}) == {}
