"""One run, fresh or resumed: whatever is missing is generated, whatever has no verdict is executed, then it is scored.

A fresh run and a resumed one go through the same code: a fresh one merely finds nothing recorded.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from harness.backends.base import Backend, MeteredBackend
from harness.errors import BudgetError, FatalProviderError, UserError
from harness.pipeline.execute import Executor
from harness.pipeline.generate import Generator, missing_requests
from harness.pipeline.metering import Allowance, RunMeter
from harness.pipeline.observer import Observer, Silent
from harness.pricing.lookup import today
from harness.pricing.snapshot import cost_of, snapshot_of, updated
from harness.pricing.throughput import session_tokens
from harness.records import Report, RunInfo, Sample
from harness.reports.build import build_report
from harness.sandboxes.base import TOGETHER, Sandbox
from harness.settings import Settings
from harness.store import RunDirectory, SampleKey, Writer
from harness.suites import Suite

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    `complete`: all that was asked for is there; `resumable`: another pass can bring more (a file of samples does not
    grow); `fatal`: why its provider was given up; `over`: why the budget ended it; `stopped`: the user stopped it.
    """

    report: Report
    complete: bool
    resumable: bool
    fatal: FatalProviderError | None = None
    over: BudgetError | None = None
    stopped: bool = False


@dataclass
class RunPipeline:
    """Everything one run needs. `backend` is None where samples come from a file; set `stop` to end it early.

    `settings` have the user's own prices and what a self-hosted model runs on. Without an `allowance` nothing limits
    what is spent. With `stop` set, requests under way are still waited for (they are paid for), and nothing new begins.
    """

    run: RunDirectory
    suite: Suite
    backend: Backend | None
    sandbox: Sandbox | None
    observer: Observer = field(default_factory=Silent)
    stop: anyio.Event = field(default_factory=anyio.Event)
    settings: Settings = field(default_factory=Settings)
    allowance: Allowance | None = None

    async def complete(self) -> Outcome:
        """Bring the run to its end and write its report.

        Raises:
            UserError: the suite is not the one of the run (another fingerprint), or another process writes the run.
            MachineError: the disk is full or the engine cannot be used at all; what was recorded is intact.
        """
        info = self.run.info()
        if info.suite.fingerprint != self.suite.info.fingerprint:
            raise UserError(
                f"The suite {info.suite.name} has changed since {info.run_id} began: its fingerprint is "
                f"{self.suite.info.fingerprint}, the run's is {info.suite.fingerprint}.",
                "Resume with the data it began with (--data PATH), or start a new run.",
            )
        with self.run.writing() as writer:
            have = {(sample.task_id, sample.index) for sample in self.run.samples()}
            judged = {(execution.task_id, execution.index) for execution in self.run.executions()}
            self.observer.started(info, len(have), len(judged))
            log.info("%s: %d samples, %d drawn, %d judged", info.run_id, info.expected, len(have), len(judged))
            info = self._priced(self._with_budget(info), writer)
            generator = await self._stream(info, writer, have, judged)
            info = self._priced(await self._with_facts(info, have), writer)
            report = make_report(self.run, info)
            writer.write_report(report)
            log.info("%s: coverage %.4f, %s", info.run_id, report.coverage, report.metrics)
        drawn = len(have) + (generator.drawn if generator else 0)
        fatal, over = (generator.fatal, generator.over) if generator else (None, None)
        done = report.scored if self.sandbox is not None else drawn
        reachable = info.expected if info.kind == "eval" else drawn
        return Outcome(report, done == info.expected, done < reachable, fatal, over, self.stop.is_set())

    def _priced(self, info: RunInfo, writer: Writer) -> RunInfo:
        """run.json with the prices of today and of every day on which a sample was drawn."""
        now = today() if self.backend is not None else None
        prices = updated(snapshot_of(info), info.model, self.settings, self.run.samples, now)
        priced = info.model_copy(update={"prices": prices.dumped()})
        if priced != self.run.info():
            writer.update_info(priced)
        return priced

    async def _with_facts(self, info: RunInfo, have: set[SampleKey]) -> RunInfo:
        """run.json with what the backend says of this session, and the tokens of the session by usage beside it."""
        facts = await self.backend.facts() if self.backend is not None else {}
        if not facts:
            return info
        drawn = [sample for sample in self.run.samples() if (sample.task_id, sample.index) not in have]
        before = info.endpoint.get("sessions")
        sessions = [*(before if isinstance(before, list) else []), {**facts, "usage": session_tokens(drawn)}]
        return info.model_copy(update={"endpoint": {**info.endpoint, "run": facts, "sessions": sessions}})

    async def _stream(
        self, info: RunInfo, writer: Writer, have: set[SampleKey], judged: set[SampleKey]
    ) -> Generator | None:
        """Generate and execute side by side; returns the generator, where there was anything to ask."""
        places = TOGETHER * self.sandbox.parallel if self.sandbox is not None else 1
        send, receive = anyio.create_memory_object_stream[Sample](max_buffer_size=places)
        generator = None
        async with anyio.create_task_group() as group:
            with receive:
                for _ in range(places):
                    group.start_soon(self._judge, info, writer, receive.clone())
            async with send, anyio.create_task_group() as producers:
                if self.backend is not None:
                    meter = self._meter(self.backend, writer)
                    generator = Generator(self.backend, writer, self.observer, self.stop, send.send, meter)
                    requests = missing_requests(info, self.suite, have, self.backend.samples_per_request)
                    producers.start_soon(generator.run, requests, info.model.concurrency)
                for sample in self._recorded(have, judged):
                    await send.send(sample)
        return generator

    def _with_budget(self, info: RunInfo) -> RunInfo:
        """The run remembers the budget that it last went on under, for whoever resumes it."""
        limit = self.allowance.budget.limit if self.allowance else None
        return info if self.backend is None else info.model_copy(update={"max_cost": limit})

    def _meter(self, backend: Backend, writer: Writer) -> RunMeter:
        requests = max((charge.request for charge in self.run.charges()), default=-1) + 1
        meter = RunMeter(writer, self.allowance, requests)
        if isinstance(backend, MeteredBackend):
            backend.meter = meter
        return meter

    async def _judge(self, info: RunInfo, writer: Writer, samples: MemoryObjectReceiveStream[Sample]) -> None:
        async with samples:
            if self.sandbox is not None:
                executor = Executor(info, self.suite, self.sandbox, writer, self.observer, self.stop)
                await executor.work(samples)
            async for _ in samples:  # generate only, or stopped: the answers wait on disk for `harness resume`
                pass

    def _recorded(self, have: set[SampleKey], judged: set[SampleKey]) -> Iterator[Sample]:
        """Samples recorded before this start that have no verdict yet; what is appended meanwhile is not re-read."""
        for sample in self.run.samples():
            key = sample.task_id, sample.index
            if key not in have:
                return
            if key not in judged and self.sandbox is not None:
                yield sample


def make_report(run: RunDirectory, info: RunInfo) -> Report:
    """The report of what is recorded now."""
    cost = cost_of(snapshot_of(info), run.samples())
    return build_report(info, run.samples(), run.executions(), cost)
