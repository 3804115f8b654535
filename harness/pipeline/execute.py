"""Execution: every sample becomes a program, runs in the sandbox, and its verdict goes to disk."""

import hashlib
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass

import anyio

from harness.errors import SandboxError
from harness.pipeline.answers import stop_of
from harness.pipeline.observer import Observer
from harness.pipeline.program import measures_of, program_of
from harness.records import Execution, Failure, Job, RunInfo, Sample, Verdict
from harness.sandboxes.base import Sandbox
from harness.store import Writer
from harness.suites import Suite

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Executor:
    """Judges the samples of one run."""

    info: RunInfo
    suite: Suite
    sandbox: Sandbox
    writer: Writer
    observer: Observer
    stop: anyio.Event

    async def work(self, samples: AsyncIterable[Sample]) -> None:
        """Judge samples until the stream ends; once `stop` is set the rest is left for `harness resume`.

        So is a sample whose program runs at that moment: it may take long, and nothing was paid for its verdict.
        """
        async with anyio.create_task_group() as group:
            group.start_soon(self._cancel_at_stop, group.cancel_scope)
            async for sample in samples:
                execution = await self.judge(sample)
                self.writer.append_executions([execution])
                self.observer.executed(execution)
            group.cancel_scope.cancel()

    async def _cancel_at_stop(self, scope: anyio.CancelScope) -> None:
        await self.stop.wait()
        scope.cancel()

    async def judge(self, sample: Sample) -> Execution:
        """The execution of one sample; a sandbox fault becomes a failure, never a verdict."""
        problem = self.suite.problem(sample.task_id)
        program = program_of(sample, problem, self.info.prompt_mode, stop_of(self.info, self.suite))
        facts = {"task_id": sample.task_id, "index": sample.index, "method": program.method, "notes": program.notes}
        if program.source is None:
            measures = measures_of(sample, problem, {})
            return Execution(**facts, verdict=Verdict.NO_CODE, detail="the answer holds no code", measures=measures)
        facts["program_sha256"] = hashlib.sha256(program.source.encode()).hexdigest()
        job = Job(
            id=f"{sample.task_id}#{sample.index}", program=program.source, check=problem.check, limits=problem.limits
        )
        try:
            outcome = await self.sandbox.run(job)
        except SandboxError as error:
            log.warning("%s: %s", job.id, error)
            failure = Failure(kind="sandbox", reason=error.reason, message=str(error))
            return Execution(**facts, failure=failure)
        log.debug("%s: %s in %.2f s", job.id, outcome.verdict, outcome.wall_s)
        measures = measures_of(sample, problem, outcome.measures)
        return Execution(**facts, **outcome.model_dump(exclude={"id", "measures", "by_wall"}), measures=measures)
