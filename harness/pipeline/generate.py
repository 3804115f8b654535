"""Generation: ask the backend for every sample that a run lacks, and put each answer on disk before all else."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio

from harness.backends.base import Backend
from harness.errors import BudgetError, FatalProviderError, ProviderError
from harness.pipeline.metering import RunMeter
from harness.pipeline.observer import Observer
from harness.records import Completion, Execution, Failure, Request, RunInfo, Sample
from harness.store import SampleKey, Writer
from harness.suites import Suite

log = logging.getLogger(__name__)

Send = Callable[[Sample], Awaitable[None]]


def missing_requests(info: RunInfo, suite: Suite, have: Collection[SampleKey], per_request: int) -> Iterator[Request]:
    """Requests for the samples of the run that are not in `have`, index by index, so every problem is tried early."""
    preset = suite.preset(info.preset, info.prompt_mode)
    for start in range(0, info.sampling.n, per_request):
        for task_id in info.task_ids:
            wanted = range(start, min(start + per_request, info.sampling.n))
            indices = tuple(index for index in wanted if (task_id, index) not in have)
            if indices:
                problem = suite.problem(task_id)
                prompt = suite.prompt(problem, preset)
                yield Request(problem=problem, prompt=prompt, sampling=info.sampling, indices=indices)


@dataclass
class Generator:
    """Draws samples until all are there, the budget is used up, or `stop` is set.

    `drawn` counts them; `fatal` says why a provider was given up, `over` why nothing more may be spent.
    """

    backend: Backend
    writer: Writer
    observer: Observer
    stop: anyio.Event
    send: Send
    meter: RunMeter
    drawn: int = 0
    fatal: FatalProviderError | None = None
    over: BudgetError | None = None

    async def run(self, requests: Iterator[Request], concurrency: int) -> None:
        """Work through `requests`, `concurrency` at a time; after a fatal error or the last dollar none is sent."""
        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(self._work, requests)

    async def _work(self, requests: Iterator[Request]) -> None:
        for request in requests:
            rest = request.indices
            while rest:
                if self.stop.is_set() or self.fatal or self.over:
                    return
                samples = await self._draw(request.model_copy(update={"indices": rest}))
                for sample in samples:
                    await self.send(sample)
                rest = rest[len(samples) :] if samples else ()

    async def _draw(self, request: Request) -> Sequence[Sample]:
        try:
            completions = await self.backend.complete(request)
        except ProviderError as error:
            if isinstance(error, FatalProviderError):
                self.fatal = error
            self._record_failure(request, error)
            self.meter.flush()
            return ()
        except BudgetError as error:
            self.over = error
            self.meter.flush()
            return ()
        now = datetime.now(UTC)
        samples = [
            _sample(request.problem.task_id, index, completion, now)
            for index, completion in zip(request.indices, completions, strict=False)
        ]
        self.writer.append_samples(samples)
        self.meter.flush()
        self.drawn += len(samples)
        for sample in samples:
            self.observer.generated(sample)
        return samples

    def _record_failure(self, request: Request, error: ProviderError) -> None:
        log.warning("%s %s: %s", request.problem.task_id, list(request.indices), error)
        failure = Failure(kind="provider", reason=error.reason, message=str(error))
        executions = [
            Execution(task_id=request.problem.task_id, index=index, failure=failure) for index in request.indices
        ]
        self.writer.append_executions(executions)
        for execution in executions:
            self.observer.executed(execution)


def _sample(task_id: str, index: int, completion: Completion, now: datetime) -> Sample:
    return Sample(
        task_id=task_id,
        index=index,
        completion=completion.text,
        created=now,
        **completion.model_dump(exclude={"text"}),
    )
