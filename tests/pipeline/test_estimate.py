"""What an eval would ask for and cost, without asking."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import anyio

from harness.backends.openai import OpenAIBackend
from harness.backends.reference import ReferenceBackend
from harness.backends.vllm import VLLMBackend
from harness.pipeline.estimate import estimate
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import RunPipeline
from harness.pricing.tariff import Tariff
from harness.records import Model
from harness.store import RunDirectory
from harness.suites import Suite
from tests.backends.provider import Provider

TARIFF = Tariff(input=Decimal(1), output=Decimal(4), source="test", as_of=date(2026, 9, 1), reference="test")
TINY = Model(name="tiny", backend="openai", served_name="tiny", base_url="http://127.0.0.1:9/v1")


def test_the_requests_are_those_that_will_be_sent(root: Path, smoke: Suite) -> None:
    """The estimate counts exactly the requests of the run, which lies between its ends in tokens and dollars."""
    with Provider() as provider:
        info = plan_eval(TINY.model_copy(update={"base_url": provider.url}), smoke, Choice(n=2, limit=5))
        found = estimate(info, smoke, OpenAIBackend(info.model), TARIFF)
        run = RunDirectory.create(root, info)

        async def complete() -> None:
            async with OpenAIBackend(info.model) as backend:
                await RunPipeline(run, smoke, backend, None).complete()

        anyio.run(complete)
        assert len(provider.posts) == found.requests == 10
    assert found.high is not None
    assert found.high.output == 10 * 2048
    assert 0 < found.low.input < found.high.input
    assert found.cost is not None
    low, high = found.cost
    assert low == TARIFF.cost(found.low)
    assert high == TARIFF.cost(found.high)


def test_a_server_that_takes_n_is_asked_less_often(smoke: Suite) -> None:
    """VLLM draws all samples of a problem with one request; the answers it may give are as many."""
    info = plan_eval(TINY.model_copy(update={"backend": "vllm"}), smoke, Choice(n=40, limit=3))
    found = estimate(info, smoke, VLLMBackend(info.model), TARIFF)
    assert (found.requests, found.samples) == (3 * 2, 120)
    assert found.high is not None
    assert found.high.output == 120 * 2048


def test_an_unknown_price_stays_unknown(smoke: Suite) -> None:
    """Without a tariff there are tokens and no cost."""
    info = plan_eval(TINY, smoke, Choice(limit=1))
    found = estimate(info, smoke, OpenAIBackend(info.model), None)
    assert found.cost is None
    assert found.low.input > 0


def test_answers_without_a_bound_have_no_upper_end(smoke: Suite) -> None:
    """Where nothing bounds the answers the estimate has a low end only."""
    info = plan_eval(TINY.model_copy(update={"extra_body": {"max_tokens": None}}), smoke, Choice(limit=2))
    found = estimate(info, smoke, OpenAIBackend(info.model), TARIFF)
    assert found.high is None
    assert found.cost is not None
    assert found.cost[0] > 0
    assert found.cost[1] is None


def test_the_reference_costs_nothing(smoke: Suite) -> None:
    """A backend that is paid nothing is estimated at nothing."""
    model = Model(name="reference", backend="reference", served_name="reference")
    found = estimate(plan_eval(model, smoke, Choice()), smoke, ReferenceBackend(model), None)
    assert found.cost == (0, 0)
    assert found.samples == len(smoke.problems)
