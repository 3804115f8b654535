"""The hard promise: whatever a provider does, however a run is killed and resumed, it bills no more than the budget."""

import json
import random
import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.backends.openai import OpenAIBackend
from harness.backends.retry import RetryPolicy
from harness.backends.vllm import VLLMBackend
from harness.errors import BudgetError
from harness.pipeline.metering import Allowance
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import Outcome, RunPipeline
from harness.pricing.budget import Budget, cost_at_most
from harness.pricing.charges import spending
from harness.pricing.tariff import Tariff
from harness.records import Model, Usage
from harness.store import RunDirectory
from harness.suites import Suite
from tests.backends.provider import Body, Provider, Reply, choice, status

from .conftest import TextSandbox

LIMIT = Decimal("0.05")
TARIFF = Tariff(
    input=Decimal("2.5"), output=Decimal(10), cached=Decimal("1.25"), request=Decimal("0.00001"),
    source="test", as_of=date(2026, 9, 1), reference="test",
)  # fmt: skip
FAST = RetryPolicy(attempts=3, base_s=0.001, cap_s=0.002, total_s=60.0)


@dataclass
class Biller:
    """A provider that keeps its own bill: it computes, bills, and then answers well, badly, or not at all."""

    dice: random.Random
    bill: Decimal = Decimal(0)

    def __call__(self, request: Body) -> Reply:
        """Bill the request, unless it is refused; then whatever comes up."""
        tail = self.dice.choices(
            ["answer", "no usage", "few", "500", "broken", "malformed", "429", "400", "error inside"],
            [6, 2, 1, 2, 2, 2, 1, 1, 2],
        )[0]
        usage = self._compute(request)
        if tail == "429":
            return Reply(status=429, body=b'{"error": {"message": "slow down"}}', headers={"retry-after-ms": "1"})
        if tail == "400":
            usage = usage.model_copy(update={"output": 0, "reasoning": 0})
        self.bill += TARIFF.cost(usage)
        return self._reply(tail, request, usage)

    def _compute(self, request: Body) -> Usage:
        """Any number of tokens that the request allows for: at most a token a byte, plus a chat template's."""
        count = request.get("n", 1)
        size = sum(len(message["content"].encode()) for message in request["messages"])
        read = self.dice.choice([size // 4, size + self.dice.randint(4, 70)]) + 1
        written = self.dice.choice([self.dice.randint(1, request["max_tokens"]), request["max_tokens"]]) * count
        return Usage(input=read, output=written, cached=self.dice.choice([0, read // 2]), reasoning=written // 2)

    def _reply(self, tail: str, request: Body, usage: Usage) -> Reply:
        delay = self.dice.random() * 0.01
        if tail in ("500", "400"):
            return Reply(status=int(tail), body=b'{"error": {"message": "no"}}', delay_s=delay)
        given = max(1, request.get("n", 1) - (tail == "few"))
        body = {
            "id": "1", "model": request["model"],
            "choices": [choice("```python\ndef f(): return 1\n```", index) for index in range(given)],
            "usage": {
                "prompt_tokens": usage.input, "completion_tokens": usage.output,
                "total_tokens": usage.input + usage.output,
                "prompt_tokens_details": {"cached_tokens": usage.cached},
                "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
            },
        }  # fmt: skip
        if tail == "no usage":
            del body["usage"]
        if tail == "error inside":
            body["error"] = {"code": 429, "message": "the upstream broke off"}
        if tail == "malformed":
            body["choices"] = []
        return Reply(body=json.dumps(body).encode(), delay_s=delay, reset_after=20 if tail == "broken" else None)


def model_at(url: str, **fields: Any) -> Model:
    """The model of the tests."""
    return Model(**{"name": "tiny", "backend": "openai", "served_name": "tiny", "base_url": url, **fields})


def one_session(run: RunDirectory, suite: Suite, limit: Decimal, *, batches: bool, killed_after: float | None) -> None:
    """Go on with a run under a budget that counts all it has spent; perhaps drop everything at some moment."""

    async def session() -> Outcome | None:
        before = spending(run.charges(), lambda _: TARIFF)
        allowance = Allowance(Budget(limit, before.total), TARIFF, before.beyond)
        kind = VLLMBackend if batches else OpenAIBackend
        with anyio.move_on_after(killed_after):
            async with kind(run.info().model, policy=FAST) as backend:
                return await RunPipeline(run, suite, backend, TextSandbox(), allowance=allowance).complete()
        return None

    anyio.run(session)


@pytest.mark.parametrize("seed", range(50))
def test_a_budget_is_never_exceeded(root: Path, smoke: Suite, seed: int) -> None:
    """The provider's own bill is at most 0.05 dollars after any schedule of faults, kills, resumes and concurrency."""
    dice = random.Random(seed)
    biller = Biller(random.Random(seed))
    with Provider(then=biller) as provider:
        model = model_at(provider.url, concurrency=dice.randint(1, 8))
        choice = Choice(n=dice.choice([1, 2, 4]), max_tokens=dice.choice([16, 200, 800]))
        run = RunDirectory.create(root, plan_eval(model, smoke, choice))
        batches = dice.random() < 0.3
        for _ in range(dice.randint(0, 2)):
            one_session(run, smoke, LIMIT, batches=batches, killed_after=dice.random() * 0.2)
        one_session(run, smoke, LIMIT, batches=batches, killed_after=None)
    recorded = spending(run.charges(), lambda _: TARIFF)
    assert recorded.requests > 0  # a kill may come before the first of them has left
    assert biller.bill <= recorded.total <= LIMIT
    assert len({(sample.task_id, sample.index) for sample in run.samples()}) == len(list(run.samples()))


def complete(run: RunDirectory, suite: Suite, limit: str) -> tuple[Outcome, Budget]:
    """One whole session under a budget of its own."""

    async def session() -> tuple[Outcome, Budget]:
        before = spending(run.charges(), lambda _: TARIFF)
        budget = Budget(Decimal(limit), before.total)
        async with OpenAIBackend(run.info().model, policy=FAST) as backend:
            allowance = Allowance(budget, TARIFF, before.beyond)
            return await RunPipeline(run, suite, backend, TextSandbox(), allowance=allowance).complete(), budget

    return anyio.run(session)


def honest(request: Body, output: int = 10) -> Reply:
    """An answer of `output` tokens to a prompt of 50."""
    usage = {"prompt_tokens": 50, "completion_tokens": output, "total_tokens": 50 + output}
    body = {"model": "tiny", "choices": [choice("```python\ndef f(): return 1\n```")], "usage": usage}
    return Reply(body=json.dumps(body).encode())


def test_a_run_stopped_by_its_budget_is_completed_with_a_larger_one(root: Path, smoke: Suite) -> None:
    """What was bought stays, nothing is bought twice, what was not asked is unscored, and the budget is remembered."""
    with Provider(then=honest) as provider:
        run = RunDirectory.create(root, plan_eval(model_at(provider.url), smoke, Choice(max_tokens=100)))
        first, budget = complete(run, smoke, "0.008")
        assert isinstance(first.over, BudgetError)
        assert (first.complete, first.resumable) == (False, True)
        assert 0 < len(list(run.samples())) == len(provider.posts) < len(smoke.problems)
        assert first.report.failures == {"not_attempted": len(smoke.problems) - len(provider.posts)}
        assert budget.reserved == 0
        assert budget.spent == len(provider.posts) * TARIFF.cost(Usage(input=50, output=10))
        assert run.info().max_cost == Decimal("0.008")
        second, _ = complete(run, smoke, "1")
        assert second.complete
        assert second.over is None
        assert len(provider.posts) == len(smoke.problems)


def test_a_budget_smaller_than_one_request_sends_nothing(root: Path, smoke: Suite) -> None:
    """Where the first request might already cost too much, none is sent and the run stays whole to be resumed."""
    with Provider(then=honest) as provider:
        run = RunDirectory.create(root, plan_eval(model_at(provider.url), smoke, Choice()))
        outcome, budget = complete(run, smoke, "0.02")
        assert provider.posts == []
    assert isinstance(outcome.over, BudgetError)
    assert "0.02 are" not in str(budget.spent)
    assert budget.spent == 0


def test_a_budget_is_spent_to_its_end(root: Path, smoke: Suite) -> None:
    """Reservations are given back: with short answers far more is bought than the worst cases would allow for."""
    with Provider(then=honest) as provider:
        run = RunDirectory.create(root, plan_eval(model_at(provider.url), smoke, Choice(max_tokens=2048)))
        outcome, budget = complete(run, smoke, "0.05")
        assert outcome.complete
        assert budget.spent == len(smoke.problems) * TARIFF.cost(Usage(input=50, output=10))


def test_a_provider_that_bills_beyond_max_tokens_is_found_out_with_one_request(root: Path, smoke: Suite) -> None:
    """Reasoning that is billed on top of max_tokens stops the run after one answer, which is kept and counted whole."""
    with Provider(then=lambda request: honest(request, output=700)) as provider:
        run = RunDirectory.create(root, plan_eval(model_at(provider.url), smoke, Choice(max_tokens=100)))
        outcome, budget = complete(run, smoke, "0.05")
        assert len(provider.posts) == 1
        again, _ = complete(run, smoke, "0.05")
        assert len(provider.posts) == 1
    assert budget.spent == TARIFF.cost(Usage(input=50, output=700)) <= budget.limit
    assert len(list(run.samples())) == 1
    assert outcome.over is not None
    assert "700 output tokens" in outcome.over.message
    assert again.over is not None


def test_an_entry_can_say_how_much_a_provider_bills_beyond_max_tokens(root: Path, smoke: Suite) -> None:
    """With `max_output` in the entry such a provider is asked within the budget, the larger bound being set aside."""
    with Provider(then=lambda request: honest(request, output=700)) as provider:
        model = model_at(provider.url, max_output=700)
        run = RunDirectory.create(root, plan_eval(model, smoke, Choice(max_tokens=100)))
        outcome, budget = complete(run, smoke, "0.05")
    assert outcome.over is not None
    assert "used up" in outcome.over.message
    assert 5 <= len(provider.posts) < len(smoke.problems)
    assert budget.spent <= budget.limit


def test_answers_that_nothing_bounds_are_not_asked_for_within_a_budget(root: Path, smoke: Suite) -> None:
    """An entry that removes max_tokens leaves no bound: nothing is sent, and the message says what to do."""
    with Provider(then=honest) as provider:
        model = model_at(provider.url, extra_body={"max_tokens": None})
        run = RunDirectory.create(root, plan_eval(model, smoke, Choice()))
        outcome, _ = complete(run, smoke, "1000")
        assert provider.posts == []
    assert outcome.over is not None
    assert "no max_tokens" in outcome.over.message


def test_a_refused_try_does_not_count_when_its_next_one_is_killed(root: Path, smoke: Suite) -> None:
    """After a 429 and a kill during the second try one request counts, not two: the ledger stays within the budget."""
    asked_again = threading.Event()

    def hang(_: Body) -> Reply:
        asked_again.set()
        return Reply(hang=True)

    with Provider(status(429, retry_after_ms="1"), then=hang) as provider:
        run = RunDirectory.create(root, plan_eval(model_at(provider.url), smoke, Choice(max_tokens=100, limit=1)))

        async def session() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(go_on)
                await anyio.to_thread.run_sync(asked_again.wait, 60)
                group.cancel_scope.cancel()

        async def go_on() -> None:
            async with OpenAIBackend(run.info().model, policy=FAST) as backend:
                allowance = Allowance(Budget(LIMIT), TARIFF)
                await RunPipeline(run, smoke, backend, TextSandbox(), allowance=allowance).complete()

        anyio.run(session)
    [first, second] = [charge.usage for charge in run.charges() if not charge.known]
    assert first == second
    found = spending(run.charges(), lambda _: TARIFF)
    assert (found.reported, found.unknown) == (0, cost_at_most(TARIFF, second))


def test_two_runs_share_a_budget(tmp_path: Path, smoke: Suite) -> None:
    """Two runs side by side spend from one budget and together never more than it holds."""
    limit = Decimal("0.02")
    with Provider(then=lambda request: honest(request, output=request["max_tokens"])) as provider:
        models = [model_at(provider.url, name=name, concurrency=4) for name in ("a", "b")]
        runs = [RunDirectory.create(tmp_path, plan_eval(model, smoke, Choice(max_tokens=100))) for model in models]

        async def session() -> Budget:
            budget = Budget(limit)
            async with anyio.create_task_group() as group:
                for run in runs:
                    group.start_soon(one, run, budget)
            return budget

        async def one(run: RunDirectory, budget: Budget) -> None:
            async with OpenAIBackend(run.info().model, policy=FAST) as backend:
                await RunPipeline(run, smoke, backend, None, allowance=Allowance(budget, TARIFF)).complete()

        budget = anyio.run(session)
        bill = len(provider.posts) * TARIFF.cost(Usage(input=50, output=100))
    assert budget.spent == bill <= limit
    assert limit - bill < cost_at_most(TARIFF, Usage(input=2000, output=100))
    assert all(list(run.samples()) for run in runs)
