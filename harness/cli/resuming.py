"""What `harness resume` does once its options are read."""

from contextlib import AsyncExitStack

from harness.cli.data import DataChoice, load_suites
from harness.cli.session import Options, Session, log_to, open_backend, run_session, trusted_sandbox
from harness.pipeline.run import RunPipeline
from harness.records import RunInfo
from harness.settings import load_settings
from harness.store import RunDirectory


def resume(name: str, data: list[str] | None, options: Options) -> None:
    """Bring a run to its end with the suite, the model and the sampling that it began with.

    Raises:
        UserError: no such run, or its suite is not to be had in the same content.
        MachineError: no sandbox.
    """
    run = RunDirectory.find(options.results, name)
    info = run.info()
    recorded = [info.data] if info.data else None
    # a run that was allowed changed data must find that same content again: its fingerprint is compared afterwards
    choice = DataChoice(data or recorded, info.suite.split, allow_changed=True)
    [(suite, _)] = load_suites([info.suite.name], choice)

    async def body(session: Session) -> None:
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(trusted_sandbox(options))
            backend = None
            if _lacks_samples(run, info):
                backend, _ = await stack.enter_async_context(open_backend(info.model))
            with log_to(run, options.verbose):
                settings = load_settings()
                pipeline = RunPipeline(run, suite, backend, sandbox, session.show, session.stop, settings)
                outcome = await pipeline.complete()
        session.finished(run, outcome)

    run_session(options, body)


def _lacks_samples(run: RunDirectory, info: RunInfo) -> bool:
    return info.kind == "eval" and sum(1 for _ in run.samples()) < info.expected
