"""One run of a command: begun, or gone on with; its log beside it, its money out of the command's budget."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.backends.base import Backend
from harness.cli.gating import require_metrics
from harness.cli.logs import log_to
from harness.cli.session import Session, open_backend
from harness.cli.spending import allowance_for, spent_by
from harness.errors import UsageError
from harness.pipeline.observer import Observer
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import Outcome, RunPipeline
from harness.pricing.budget import Budget
from harness.pricing.charges import Spending
from harness.pricing.snapshot import snapshot_of
from harness.pricing.throughput import checks
from harness.records import Model, RunInfo
from harness.reports.gates import Gates
from harness.sandboxes.base import Sandbox
from harness.settings import Settings
from harness.store import RunDirectory
from harness.suites import Suite


@dataclass(frozen=True)
class Target:
    """What one run evaluates; `data` is the local file of the suite, if any."""

    model: Model
    suite: Suite
    choice: Choice
    data: Path | None = None


@dataclass(frozen=True)
class Means:
    """What the runs of a command share. `sandboxes`, by language; None: samples are judged another time."""

    session: Session
    sandboxes: Mapping[str, Sandbox] | None
    settings: Settings
    budget: Budget | None = None

    def sandbox(self, suite: Suite) -> Sandbox | None:
        """Where the programs of a suite run."""
        return self.sandboxes[suite.info.language] if self.sandboxes is not None else None


def require_judgeable(targets: Iterable[Target], gates: Gates, *, judge: bool) -> None:
    """Refuse, before anything is spent, gates that a run could not be judged by.

    Raises:
        UsageError: there will be no verdicts, or not the metric of a threshold.
        UserError: the baseline has no run of a target's suite.
    """
    if not judge and gates != Gates():
        raise UsageError(
            "--generate-only gives no verdicts, and gates need them.", "`harness resume` takes gates, too."
        )
    for target in targets:
        require_metrics(gates, target.suite.info, target.model.name, target.choice.n)


async def begin(
    means: Means, target: Target, show: Observer, run_id: str | None = None
) -> tuple[RunDirectory, Outcome]:
    """A new run, whose directory is made once its endpoint was found ready.

    Raises:
        HarnessError: as its tree says.
    """
    info = plan_eval(target.model, target.suite, target.choice, target.data)
    sandbox = means.sandbox(target.suite)
    described = sandbox.describe() if sandbox is not None else {}
    async with open_backend(info.model) as (backend, endpoint):
        facts = {"endpoint": endpoint, "sandbox": described, "run_id": run_id or info.run_id}
        run = RunDirectory.create(means.session.options.results, info.model_copy(update=facts))
        return run, await _complete(means, run, target.suite, backend, show)


async def go_on(means: Means, run: RunDirectory, suite: Suite, show: Observer) -> Outcome:
    """A run that was left; its model is asked only where samples are missing.

    Raises:
        HarnessError: as its tree says.
    """
    info = run.info()
    async with AsyncExitStack() as stack:
        backend = None
        if _lacks_samples(run, info):
            backend, _ = await stack.enter_async_context(open_backend(info.model))
        return await _complete(means, run, suite, backend, show)


async def _complete(means: Means, run: RunDirectory, suite: Suite, backend: Backend | None, show: Observer) -> Outcome:
    before = spent_by(run, means.settings.prices) if means.budget else Spending()
    allowance = allowance_for(run.info().model, means.settings.prices, means.budget, before)
    with log_to(run, means.session.options.verbose):
        stop = means.session.stop
        pipeline = RunPipeline(run, suite, backend, means.sandbox(suite), show, stop, means.settings, allowance)
        outcome = await pipeline.complete()
    if backend is not None:
        _tell_counters(means.session, run.info())
    return outcome


def _tell_counters(session: Session, info: RunInfo) -> None:
    """Say so where a measured price rests on tokens that the server counted otherwise in this session."""
    sessions = info.endpoint.get("sessions")
    last = checks(sessions[-1:] if isinstance(sessions, list) else [])
    if snapshot_of(info).hosting is not None and not all(check.agrees for check in last):
        session.note(f"{info.run_id}: its price is measured, and the server's counters say {last[0]}.")


def _lacks_samples(run: RunDirectory, info: RunInfo) -> bool:
    return info.kind == "eval" and sum(1 for _ in run.samples()) < info.expected
