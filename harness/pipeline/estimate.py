"""What a run would ask for and cost, before anything is spent: no request leaves this machine."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from harness.backends.base import Backend, MeteredBackend
from harness.pipeline.generate import missing_requests
from harness.pricing.budget import cost_at_most
from harness.pricing.tariff import Tariff
from harness.records import Problem, Prompt, Request, RunInfo, Usage
from harness.store import SampleKey
from harness.suites import Suite

BYTES_PER_TOKEN = 5
"""Of the low end: tokenizers of today make a token of 3 to 5 bytes of English or Python."""


@dataclass(frozen=True)
class Estimate:
    """Requests, and tokens and US dollars from their low to their high end.

    Low: 5 bytes a token, and answers no longer than the reference solution. High: the most that each request can be
    billed once (harness/backends/metering.py); None where nothing bounds it. `cost` is None where the price is unknown.
    """

    requests: int
    samples: int
    low: Usage
    high: Usage | None
    cost: tuple[Decimal, Decimal | None] | None


def estimate(
    info: RunInfo, suite: Suite, backend: Backend, tariff: Tariff | None, have: Collection[SampleKey] = ()
) -> Estimate:
    """The estimate of what a run lacks that has the samples `have`; a backend that is not metered costs nothing."""
    sent = list(_sent(info, suite, backend, have))
    samples = info.expected - len(have)
    if not isinstance(backend, MeteredBackend):
        nothing = Usage(input=0, output=0)
        return Estimate(len(sent), samples, nothing, nothing, (Decimal(0), Decimal(0)))
    lows = [_least(request) for request in sent]
    highs = [backend.most_tokens(request)[1] for request in sent]
    bounded = [high for high in highs if high is not None]
    whole = len(bounded) == len(highs)
    cost = None
    if tariff is not None:
        dearest = sum((cost_at_most(tariff, high) for high in bounded), Decimal(0))
        cost = sum((tariff.cost(low) for low in lows), Decimal(0)), dearest if whole else None
    return Estimate(len(sent), samples, _sum(lows), _sum(bounded) if whole else None, cost)


def _sent(info: RunInfo, suite: Suite, backend: Backend, have: Collection[SampleKey]) -> Iterator[Request]:
    """The requests as they would be sent: each brings as many samples as its backend asks for at once."""
    for request in missing_requests(info, suite, have, backend.samples_per_request):
        rest = request.indices
        while rest:
            part = request.model_copy(update={"indices": rest})
            count = backend.most_tokens(part)[0] if isinstance(backend, MeteredBackend) else len(rest)
            yield part.model_copy(update={"indices": rest[:count]})
            rest = rest[count:]


def _least(request: Request) -> Usage:
    asked, answered = _text(request.prompt), _solution(request.problem)
    return Usage(input=_tokens(asked), output=len(request.indices) * _tokens(answered))


def _text(prompt: Prompt) -> str:
    return prompt.text + "".join(message.content for message in prompt.messages)


def _solution(problem: Problem) -> str:
    """What an answer holds at least: the reference, without what a continuation need not repeat."""
    return (problem.reference or "").removeprefix(problem.prefix)


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def _sum(usages: list[Usage]) -> Usage:
    return Usage(input=sum(usage.input for usage in usages), output=sum(usage.output for usage in usages))
