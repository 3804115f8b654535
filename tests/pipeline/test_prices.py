"""Money in a run, over real HTTP to a stub: the snapshot in run.json, the sessions and their counters."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.backends.openai import OpenAIBackend
from harness.backends.vllm import VLLMBackend
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import Outcome, RunPipeline
from harness.pricing.hosting import dollars_of
from harness.pricing.snapshot import snapshot_of
from harness.pricing.throughput import busy_seconds, checks
from harness.records import Model
from harness.settings import Settings
from harness.store import RunDirectory
from harness.suites import Suite
from tests.backends.provider import Provider, answer, status

OWN = {"input": "1.5", "output": "4", "source": "test", "since": "2020-01-01"}
HOSTED = Settings.model_validate({"hosting": {"tiny": {"gpu": "L4", "gpus": 1, "hourly": "0.8", "source": "test"}}})
ANSWER = answer("```python\nreturn 1\n```")


def begin(root: Path, smoke: Suite, provider: Provider, backend: str, **choice: Any) -> RunDirectory:
    """A new run of a model that the stub serves, six problems unless told otherwise."""
    model = Model(name="tiny", backend=backend, served_name="tiny", base_url=provider.url, concurrency=2)
    return RunDirectory.create(root, plan_eval(model, smoke, Choice(**{"limit": 6, **choice})))


def complete(run: RunDirectory, smoke: Suite, settings: Settings) -> Outcome:
    """Bring the run as far as it goes, generating only."""
    model = run.info().model

    async def body() -> Outcome:
        async with {"vllm": VLLMBackend, "openai": OpenAIBackend}[model.backend](model) as backend:
            await backend.check()
            return await RunPipeline(run, smoke, backend, None, settings=settings).complete()

    return anyio.run(body)


def test_a_run_keeps_the_price_it_was_made_with(root: Path, smoke: Suite) -> None:
    """The tariff is in run.json, and the report's cost is usage times that tariff: six times 10 in and 5 out."""
    with Provider(then=ANSWER) as provider:
        run = begin(root, smoke, provider, "openai")
        report = complete(run, smoke, Settings.model_validate({"prices": {"tiny": OWN}})).report
    assert report.cost is not None
    assert str(report.cost.total) == "0.0002100"
    assert report.cost.source == "test (tiny)"
    tariffs = list(snapshot_of(run.info()).tariffs.values())
    assert {(str(tariff.input), str(tariff.output)) for tariff in tariffs} == {("1.5", "4")}


def test_the_price_is_on_disk_before_anything_is_asked(root: Path, smoke: Suite) -> None:
    """A run that is killed in the middle, or gets no answer at all, has its price snapshot already."""
    with Provider(then=status(401, "no")) as provider:
        run = begin(root, smoke, provider, "openai")
        report = complete(run, smoke, Settings.model_validate({"prices": {"tiny": OWN}})).report
    assert report.cost is None
    assert len(snapshot_of(run.info()).tariffs) == 1


def test_an_unknown_price_leaves_the_cost_absent(root: Path, smoke: Suite) -> None:
    """Without a price from anywhere the cost is null, not zero."""
    with Provider(then=ANSWER) as provider:
        report = complete(begin(root, smoke, provider, "openai"), smoke, Settings()).report
    assert report.cost is None
    assert report.usage.input == 60


@pytest.mark.parametrize("n", [1, 3])
def test_usage_and_the_servers_counters_agree(root: Path, smoke: Suite, n: int) -> None:
    """With one sample a request or several, usage and vLLM's own counters are compared and are the same."""
    with Provider(then=ANSWER, vllm=True) as provider:
        run = begin(root, smoke, provider, "vllm", n=n)
        complete(run, smoke, HOSTED)
    sessions = run.info().endpoint["sessions"]
    assert isinstance(sessions, list)
    assert [(check.server_prompt, check.server_output, check.agrees) for check in checks(sessions)] == [
        (60 * n, 30 * n, True)
    ]


def test_a_hosted_run_costs_its_busy_time(root: Path, smoke: Suite) -> None:
    """A self-hosted run costs its machines for as long as requests were under way."""
    with Provider(then=answer("x", delay_s=0.02), vllm=True) as provider:
        run = begin(root, smoke, provider, "vllm")
        report = complete(run, smoke, HOSTED).report
    seconds = busy_seconds(run.samples())
    assert report.cost is not None
    assert seconds
    assert abs(report.cost.total - dollars_of(HOSTED.hosting["tiny"], seconds)) < Decimal("1e-12")


def test_each_session_is_compared_on_its_own(root: Path, smoke: Suite) -> None:
    """A resumed run has a line of counters a session, and what the first drew is not counted in the second."""
    with Provider(ANSWER, ANSWER, then=status(401, "no"), vllm=True) as provider:
        run = begin(root, smoke, provider, "vllm", concurrency=1)
        first = complete(run, smoke, HOSTED).report
        provider.then = ANSWER
        last = complete(run, smoke, Settings()).report
    sessions = run.info().endpoint["sessions"]
    assert isinstance(sessions, list)
    assert [(check.prompt, check.output) for check in checks(sessions)] == [(20, 10), (40, 20)]
    assert first.cost is not None
    assert last.cost is not None
    assert last.cost.total > first.cost.total
