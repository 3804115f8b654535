"""harness in Python, for notebooks and scripts: `evaluate` and `score` give what the commands give, as pandas frames.

    from harness import evaluate, load_suite, open_run, score

Every call leaves a run directory like the command's, so `harness resume`, `compare` and all others work on it. Errors
are those of harness.errors. The calls block; they work inside a notebook's running event loop as well. Interrupting one
keeps all that was paid for: it returns what there is.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import anyio
from anyio.from_thread import start_blocking_portal

from harness.cli.progress import Quiet
from harness.cli.running import Means, Target, begin
from harness.cli.session import Options, Session, scoring_sandbox, trusted_sandboxes
from harness.cli.spending import require_prices
from harness.models import find_model
from harness.pipeline.answers import answers_of
from harness.pipeline.plan import Choice, plan_score
from harness.pipeline.run import RunPipeline, make_report
from harness.pipeline.score import Rows, take_over
from harness.pricing.budget import Budget
from harness.records import Model, PromptMode, Report
from harness.reports.frames import Frame, report_frame, sample_frame
from harness.settings import load_settings
from harness.store import RunDirectory
from harness.suites import Suite, load_suite

__all__ = ["Result", "evaluate", "load_suite", "open_run", "score"]

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """A run: its `report` (harness.records.Report), and frames made from what is on disk under `path`."""

    path: Path
    suite: Suite
    report: Report

    @property
    def summary(self) -> Frame:
        """One row: model, suite, coverage, every metric with its 95 % interval, tokens, US dollars."""
        return report_frame([self.report])

    @cached_property
    def samples(self) -> Frame:
        """A row a sample: verdict, detail, answer, program, times, tokens (harness.reports.frames.SAMPLE_COLUMNS)."""
        return sample_frame(answers_of(RunDirectory(self.path), self.suite))

    def _repr_html_(self) -> str:
        return str(self.summary.to_html())


def evaluate(
    model: str | Model,
    suite: str | Suite,
    *,
    n: int = 1,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    seed: int | None = None,
    preset: str | None = None,
    mode: PromptMode | None = None,
    limit: int | None = None,
    problems: tuple[str, ...] = (),
    concurrency: int | None = None,
    max_cost: Decimal | str | None = None,
    data: str | Path | None = None,
    results: str | Path = "results",
    parallel: int | None = None,
) -> Result:
    """Let a model answer a suite and judge the answers in Docker, as `harness eval` does.

    Args:
        model: a name as `--model` takes it, or an entry of one's own.
        suite: a name, or what `load_suite` gave.
        n: samples a problem.
        temperature: default 0 for one sample a problem, 0.8 for several.
        top_p: nucleus; default: the provider's.
        max_tokens: longest answer in tokens; default: the model's, else 2048.
        seed: where the API takes one.
        preset: a prompt preset of the suite; default: the mode's first.
        mode: chat or completion; default: the preset's or the model's.
        limit: only the first so many problems.
        problems: only these task ids.
        concurrency: requests under way at most; default: the model's.
        max_cost: US dollars that are never exceeded; the run then ends early with a lower coverage.
        data: the suite's local file or folder, where `suite` is a name.
        results: folder in which `runs/` lies.
        parallel: programs judged at once; default: by the machine.

    Raises:
        HarnessError: as its tree says (harness/errors.py); failures of single requests are in the report instead.
    """
    settings = load_settings()
    entry = find_model(model, settings) if isinstance(model, str) else model
    choice = Choice(
        n=n, temperature=temperature, top_p=top_p, max_tokens=max_tokens, seed=seed, preset=preset, mode=mode,
        limit=limit, problems=problems, concurrency=concurrency,
    )  # fmt: skip
    target = Target(entry, _suite(suite, data), choice, _path(data))
    budget = Budget(Decimal(max_cost)) if max_cost is not None else None
    if budget is not None:
        require_prices([entry], settings.prices)
    options = Options(Path(results), parallel, quiet=True)

    async def body(stop: anyio.Event) -> RunDirectory:
        async with trusted_sandboxes(options, [target.suite.info.language]) as sandboxes:
            session = Session(options, Quiet(), stop)
            run, _ = await begin(Means(session, sandboxes, settings, budget), target, Quiet())
            return run

    return _result(in_own_loop(body), target.suite)


def score(
    samples: str | Path,
    suite: str | Suite,
    *,
    model: str = "samples",
    partial: bool = False,
    data: str | Path | None = None,
    results: str | Path = "results",
    parallel: int | None = None,
) -> Result:
    """Judge a file or folder of somebody else's samples (docs/formats.md), as `harness score` does.

    Args:
        samples: the file or folder.
        suite: a name, or what `load_suite` gave.
        model: whose samples they are.
        partial: take the file for the whole: problems that it lacks are not asked for.
        data: the suite's local file or folder, where `suite` is a name.
        results: folder in which `runs/` lies.
        parallel: programs judged at once; default: by the machine.

    Raises:
        HarnessError: the file is malformed or not the suite's, or there is no sandbox.
    """
    path, loaded = Path(samples), _suite(suite, data)
    options = Options(Path(results), parallel, quiet=True)

    async def body(stop: anyio.Event) -> RunDirectory:
        async with scoring_sandbox(options, loaded.info.language) as sandbox:
            info = plan_score(path, loaded, model, _path(data)).model_copy(update={"sandbox": sandbox.describe()})
            run = take_over(path, loaded, info, Path(results), Rows(partial=partial))
            await RunPipeline(run, loaded, None, sandbox, stop=stop).complete()
            return run

    return _result(in_own_loop(body), loaded)


def open_run(run: str | Path, *, data: str | Path | None = None, results: str | Path = "results") -> Result:
    """A run that is on disk, finished or not, by its id (or a unique part of it) or its path.

    Raises:
        UserError: no such run, or its suite is not to be had.
    """
    directory = RunDirectory.find(Path(results), str(run))
    info = directory.info()
    recorded = _path(data or info.data)
    suite = load_suite(info.suite.name, split=info.suite.split, data=recorded, allow_changed=True)
    return _result(directory, suite)


def _path(data: str | Path | None) -> Path | None:
    return None if data is None else Path(data)


def _suite(suite: str | Suite, data: str | Path | None) -> Suite:
    return load_suite(suite, data=_path(data)) if isinstance(suite, str) else suite


def _result(run: RunDirectory, suite: Suite) -> Result:
    return Result(run.path, suite, make_report(run, run.info()))


def in_own_loop(body: Callable[[anyio.Event], Awaitable[T]]) -> T:
    """Run `body` in an event loop of its own, on another thread: a notebook's loop is running already.

    An interrupt sets the event that `body` was given; what it then still returns is the result.
    """
    with start_blocking_portal() as portal:
        stop = portal.call(anyio.Event)
        task = portal.start_task_soon(body, stop)
        try:
            return task.result()
        except KeyboardInterrupt:
            portal.call(stop.set)
            return task.result()
