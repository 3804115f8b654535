"""The stream of a run: everything asked for is drawn once, judged once, and on disk."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.backends.reference import ReferenceBackend
from harness.errors import FatalProviderError, ProviderError, UserError
from harness.pipeline.generate import missing_requests
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import Outcome, RunPipeline
from harness.records import Completion, Model, Request, Verdict
from harness.sandboxes.base import TOGETHER
from harness.store import RunDirectory
from harness.suites import Suite

from .conftest import TextSandbox

REFERENCE = Model(name="reference", backend="reference", served_name="reference", concurrency=3)


class FlakyBackend(ReferenceBackend):
    """The reference backend, with a provider's moods: requests that fail, and a point after which all do."""

    def __init__(
        self, fails: frozenset[str] = frozenset(), fatal_after: int | None = None, per_request: int = 1
    ) -> None:
        super().__init__(REFERENCE)
        self.fails, self.fatal_after, self.per_request = fails, fatal_after, per_request
        self.requests: list[tuple[str, tuple[int, ...]]] = []

    @property
    def samples_per_request(self) -> int:
        """As told."""
        return self.per_request

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """Answer with the reference, or fail as told."""
        refused = self.fatal_after is not None and len(self.requests) >= self.fatal_after
        self.requests.append((request.problem.task_id, request.indices))
        await anyio.sleep(0.001)
        if refused:
            raise FatalProviderError("401 invalid key", reason="unauthorized")
        if request.problem.task_id in self.fails:
            raise ProviderError("400 prompt too long", reason="bad_request")
        return await super().complete(request)


def start(root: Path, smoke: Suite, **choice: Any) -> RunDirectory:
    """A new run of the reference on the smoke suite."""
    return RunDirectory.create(root, plan_eval(REFERENCE, smoke, Choice(**choice)))


def complete(run: RunDirectory, smoke: Suite, backend: Any, sandbox: Any, **more: Any) -> Outcome:
    """Run the pipeline to its end."""
    pipeline = RunPipeline(run, smoke, backend, sandbox, **more)
    return anyio.run(pipeline.complete)


def keys(run: RunDirectory) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The samples and the executions on disk, sorted."""
    return sorted((s.task_id, s.index) for s in run.samples()), sorted((e.task_id, e.index) for e in run.executions())


def test_every_sample_is_drawn_and_judged_once(root: Path, smoke: Suite) -> None:
    """A fresh run ends with one sample line and one execution line for each sample asked for."""
    run, sandbox = start(root, smoke, n=3, limit=5), TextSandbox()
    outcome = complete(run, smoke, FlakyBackend(per_request=2), sandbox)
    samples, executions = keys(run)
    assert samples == executions == sorted((p.task_id, i) for p in smoke.problems[:5] for i in range(3))
    assert outcome.report.coverage == 1.0
    assert outcome.report.metrics["pass@3"] == 1.0
    assert run.report() == outcome.report
    assert sandbox.most_running == 2


def test_generation_does_not_run_ahead_of_memory(root: Path, smoke: Suite) -> None:
    """With a slow sandbox at most a few samples wait between the two stages."""
    run, backend = start(root, smoke, n=4, limit=10), FlakyBackend()
    ahead: list[int] = []

    class SlowSandbox(TextSandbox):
        async def run(self, job: Any) -> Any:
            outcome = await super().run(job)
            ahead.append(len(backend.requests) - len(self.ran))
            return outcome

    complete(run, smoke, backend, SlowSandbox(parallel=1))
    assert max(ahead) <= 2 * TOGETHER + REFERENCE.concurrency < len(ahead)


def test_a_failed_request_leaves_its_samples_unscored(root: Path, smoke: Suite) -> None:
    """A provider failure is recorded as a failure: neither a wrong answer nor a right one."""
    first = smoke.problems[0].task_id
    run = start(root, smoke, limit=4)
    report = complete(run, smoke, FlakyBackend(fails=frozenset({first})), TextSandbox()).report
    assert report.coverage == 0.75
    assert report.failures == {"provider:bad_request": 1}
    assert report.metrics["pass@1"] == 1.0


def test_what_one_answer_brought_survives_the_failure_of_the_next(root: Path, smoke: Suite) -> None:
    """Paid samples prevented from being lost: a server gives two of four choices, then fails for the rest."""

    class Stingy(FlakyBackend):
        async def complete(self, request: Request) -> tuple[Completion, ...]:
            if request.indices[0] >= 2:
                raise ProviderError("500", reason="server_error")
            return (await super().complete(request))[:1]

    run = start(root, smoke, n=4, limit=1)
    report = complete(run, smoke, Stingy(per_request=4), TextSandbox()).report
    assert [sample.index for sample in run.samples()] == [0, 1]
    assert (report.scored, report.failures) == (2, {"provider:server_error": 2})


def test_a_sandbox_fault_is_never_a_verdict(root: Path, smoke: Suite) -> None:
    """A broken sandbox does not fail the program that it should have judged."""
    run = start(root, smoke, limit=2)
    job = f"{smoke.problems[0].task_id}#0"
    report = complete(run, smoke, FlakyBackend(), TextSandbox(breaks=frozenset({job}))).report
    assert report.failures == {"sandbox:container_killed": 1}
    assert report.verdicts[Verdict.FAILED] == 0


def test_resume_repairs_failures_and_buys_nothing_twice(root: Path, smoke: Suite) -> None:
    """After provider and sandbox failures a second pass asks for what is missing only, and the report is whole."""
    whole = complete(start(root, smoke, limit=6), smoke, FlakyBackend(), TextSandbox()).report
    run = start(root, smoke, limit=6)
    broken = frozenset({f"{smoke.problems[1].task_id}#0"})
    complete(run, smoke, FlakyBackend(fails=frozenset({smoke.problems[0].task_id})), TextSandbox(breaks=broken))
    backend, sandbox = FlakyBackend(), TextSandbox()
    repaired = complete(run, smoke, backend, sandbox).report
    assert backend.requests == [(smoke.problems[0].task_id, (0,))]
    assert sorted(sandbox.ran) == [f"{smoke.problems[0].task_id}#0", f"{smoke.problems[1].task_id}#0"]
    assert repaired.model_dump(exclude={"run_id"}) == whole.model_dump(exclude={"run_id"})
    assert keys(run)[0] == keys(run)[1]


def test_a_fatal_error_stops_asking_but_judges_what_came(root: Path, smoke: Suite) -> None:
    """After a refused key no further request is sent, the answers there are get verdicts, and the reason is told."""
    run, backend = start(root, smoke, limit=20), FlakyBackend(fatal_after=5)
    outcome = complete(run, smoke, backend, TextSandbox())
    assert outcome.fatal is not None
    assert len(backend.requests) <= 5 + REFERENCE.concurrency
    assert outcome.report.scored == 5
    assert outcome.report.failures["not_attempted"] >= 20 - 5 - REFERENCE.concurrency


def test_a_stop_keeps_what_is_under_way_and_begins_nothing_new(root: Path, smoke: Suite) -> None:
    """Once stopped, requests under way still reach the disk, no new one is sent, and resume ends as if undisturbed."""
    run, backend, stop = start(root, smoke, limit=20), FlakyBackend(), anyio.Event()

    class StoppingSandbox(TextSandbox):
        async def run(self, job: Any) -> Any:
            stop.set()
            return await super().run(job)

    outcome = complete(run, smoke, backend, StoppingSandbox(), stop=stop)
    assert outcome.stopped
    assert len(list(run.samples())) == len(backend.requests) < 20
    second = FlakyBackend()
    report = complete(run, smoke, second, TextSandbox()).report
    assert len(backend.requests) + len(second.requests) == 20
    assert report.coverage == 1.0


def test_samples_can_be_drawn_now_and_judged_later(root: Path, smoke: Suite) -> None:
    """Without a sandbox samples are drawn only; a later pass with one judges them and asks for nothing."""
    run = start(root, smoke, limit=3)
    assert complete(run, smoke, FlakyBackend(), None).report.scored == 0
    assert complete(run, smoke, None, TextSandbox()).report.coverage == 1.0


def test_another_suite_content_is_refused(root: Path, smoke: Suite) -> None:
    """A run is not completed with problems other than those it began with."""
    run = start(root, smoke, limit=1)
    path = run.path / "run.json"
    info = json.loads(path.read_text())
    info["suite"]["fingerprint"] = "sha256:other"
    path.write_text(json.dumps(info))
    with pytest.raises(UserError, match="has changed since"):
        complete(run, smoke, FlakyBackend(), TextSandbox())


def test_requests_cover_exactly_what_is_missing(root: Path, smoke: Suite) -> None:
    """Requests are grouped by what one request may ask for and leave out the samples there are."""
    info = plan_eval(REFERENCE, smoke, Choice(n=3, limit=2))
    first, second = info.task_ids
    requests = list(missing_requests(info, smoke, {(first, 1)}, per_request=2))
    assert [(r.problem.task_id, r.indices) for r in requests] == [
        (first, (0,)),
        (second, (0, 1)),
        (first, (2,)),
        (second, (2,)),
    ]
