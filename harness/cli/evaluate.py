"""What `harness eval` does once its options are read: every model on every suite, one run each."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.cli.data import DataChoice, load_suites
from harness.cli.session import Options, Session, log_to, open_backend, run_session, trusted_sandbox
from harness.errors import HarnessError, UsageError
from harness.models import find_model
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import RunPipeline
from harness.records import Model
from harness.sandboxes.base import Sandbox
from harness.settings import load_settings
from harness.store import RunDirectory
from harness.suites import Suite

Target = tuple[Model, Suite, Path | None]


def evaluate(
    model_specs: list[str],
    suite_names: list[str],
    raw: dict[str, Any],
    data: DataChoice,
    options: Options,
    *,
    judge: bool,
) -> None:
    """Evaluate every model on every suite; one model that cannot be asked does not stop the others.

    Raises:
        HarnessError: as its tree says; with several runs, only what concerns them all.
    """
    choice = _choice(raw)
    settings = load_settings()
    models = [find_model(spec, settings) for spec in model_specs]
    suites = load_suites(suite_names, data)
    targets = [(model, suite, path) for model in models for suite, path in suites]

    async def body(session: Session) -> None:
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(trusted_sandbox(options)) if judge else None
            for target in targets:
                if not session.stop.is_set():
                    await _guarded(session, target, choice, sandbox, alone=len(targets) == 1)

    run_session(options, body)


async def _guarded(session: Session, target: Target, choice: Choice, sandbox: Sandbox | None, *, alone: bool) -> None:
    try:
        await _one(session, target, choice, sandbox)
    except HarnessError as error:
        if alone:
            raise
        session.problem(error)


async def _one(session: Session, target: Target, choice: Choice, sandbox: Sandbox | None) -> None:
    model, suite, data = target
    info = plan_eval(model, suite, choice, data)
    async with open_backend(info.model) as (backend, endpoint):
        described = sandbox.describe() if sandbox is not None else {}
        info = info.model_copy(update={"endpoint": endpoint, "sandbox": described})
        run = RunDirectory.create(session.options.results, info)
        with log_to(run, session.options.verbose):
            settings = load_settings()
            pipeline = RunPipeline(run, suite, backend, sandbox, session.show, session.stop, settings)
            outcome = await pipeline.complete()
    session.finished(run, outcome)


def _choice(raw: dict[str, Any]) -> Choice:
    try:
        return Choice.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]} {first['input']}: {first['msg']}.") from error
